import HTTPTypes
import Postgres
import TestSupport
import Testing

/// What is wrong with a page's address is told to who may ask for the page, and to nobody else.
@Suite struct AddressTests {
    @Test func `whose session has ended signs in first, and whom it is not for is told so`() async throws {
        let college = try await TestInstitution.make()
        let admin = college.client().asBrowser(try await college.person("admin"))
        let student = college.client().asBrowser(try await college.person("student"))
        let pages = ["/accounts": "/accounts?limit=x", "/groups": "/groups?cursor=x", "/audit": "/audit?limit=x"]
        for (page, wrong) in pages {
            #expect(try await admin.get(wrong).status == 422, "\(wrong)")
            #expect(try await student.get(page).status == 403)
            #expect(try await student.get(wrong).status == 403, "\(wrong)")
        }
        #expect(try await admin.get("/accounts/abc").status == 404)
        try await college.run("update sessions set expires_at = now()")
        let asked = try await admin.get("/accounts")
        #expect(asked.status != 200)
        for wrong in pages.values.sorted() + ["/accounts/abc"] {
            let answer = try await admin.get(wrong)
            #expect(answer.status == asked.status, "\(wrong)")
            #expect(answer.headers[.location]?.hasPrefix("/sign-in") == true, "\(wrong)")
        }
    }
}
