import Casework
import HTTPTypes
import Hummingbird
import Tenancy
import TestSupport
import Testing

@testable import Web

/// How much of a form is read, and from whom.
@Suite struct FormLimitTests {
    @Test func `only these forms take files, and none before sign-in`() {
        let forms = Pages.routes.filter { $0.method == .post }
        #expect(
            Set(forms.filter { $0.limit == .files }.map(\.path)) == [
                "/imports", "/imports/staff", "/settings/branding", "/cohorts/{id}/import-students",
                "/cohorts/{id}/milestones/{milestone}", "/milestones/{id}/{action}",
            ])
        for form in forms { #expect((form.limit == .beforeSignIn) == (form.access == .open), "\(form.path)") }
    }

    @Test func `a form is as large as its page needs`() async throws {
        let it = try await TestInstitution.make()
        let student = it.client().asBrowser(try await it.person("student"))
        let admin = it.client().asBrowser(try await it.person("admin"))
        func file(_ size: Int) -> (name: String, fileName: String, type: String, bytes: [UInt8]) {
            ("file", "a.csv", "text/csv", [UInt8](repeating: 65, count: size))
        }
        #expect(try await student.upload("/sign-out", file: file(2 << 20)).status == 413)
        #expect(try await admin.upload("/categories", file: file(2 << 20)).status == 413)
        #expect(try await student.upload("/imports", file: file(2 << 20)).status == 403)
        #expect(try await admin.upload("/imports", file: file(2 << 20)).status != 413)
        #expect(try await admin.post("/categories", ["name": String(repeating: "x", count: 2 << 20)]).status == 413)

        func signIn(_ size: Int) async throws -> Int {
            let origin: HTTPFields = [.origin: "https://\(it.institution.slug).localhost"]
            let form = "email=a&password=b&more=" + String(repeating: "x", count: size)
            return try await it.client().send(
                .post, "/sign-in", body: Array(form.utf8), contentType: "application/x-www-form-urlencoded",
                headers: origin
            ).status
        }
        #expect(try await signIn(60_000) != 413)
        #expect(try await signIn(66_000) == 413)
    }

    @Test func `what is typed into a form with too much of files is given back`() async throws {
        let it = try await TestInstitution.make()
        let admin = it.client().asBrowser(try await it.person("admin"))
        func file(_ size: Int) -> Browser.ChosenFile {
            ("files", "a", "text/plain", [UInt8](repeating: 65, count: size))
        }
        let typed = [(name: "title", value: "Typed <and> kept")]
        for (files, status) in [([file(66 << 20)], 413), (Array(repeating: file(1), count: 11), 400)] {
            let answer = try await admin.upload("/cohorts/1/milestones/1", typed, files: files)
            #expect(answer.status == status)
            #expect(answer.text.contains("readonly>\nTyped &lt;and&gt; kept</textarea>"))
        }
    }

    @Test func `who is signed out only after the form was read finds it again`() async throws {
        let it = try await TestInstitution.make()
        let person = try await it.person("admin")
        let pages = PageDispatch(
            site: RunningServer.site(it.database.deployment, log: LogBook()), kit: try PageKit())
        try await RunningServer.with(
            deployment: it.database.deployment,
            routes: { router in
                pages.mount(.post("/probe", .signedIn(.any)) { _ in throw EntryRefusal.notSignedIn }, on: router)
            }
        ) { server in
            let form = "csrf=\(person.token.secret.csrfToken)&note=kept-as-typed"
            let client = try await RawClient.connect(to: server.port)
            await client.send(
                """
                POST /probe HTTP/1.1\r
                Host: \(it.institution.slug).localhost\r
                Origin: https://\(it.institution.slug).localhost\r
                Cookie: __Host-waymark=\(person.token.text)\r
                Content-Type: application/x-www-form-urlencoded\r
                Content-Length: \(form.utf8.count)\r
                \r
                \(form)
                """)
            let answer = try await client.answer()
            #expect(answer.status == 401)
            #expect(answer.body.contains("kept-as-typed"))
        }
    }
}
