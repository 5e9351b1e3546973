import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Casework

/// The operator's commands for people and their tokens, against a real database.
@Suite struct AccountCommandTests {
    private let college: TestInstitution
    private let program: WaymarkProgram

    init() async throws {
        college = try await TestInstitution.make()
        program = WaymarkProgram(environment: [
            "WAYMARK_DATABASE_URL": college.database.migratorURL, "WAYMARK_DOMAIN": "waymark.example",
            "WAYMARK_MIGRATOR_PASSWORD": TestDatabase.password,
        ])
    }

    private var slug: String { college.institution.slug }

    private func create(_ email: String, _ role: String) async throws -> WaymarkProgram.Result {
        try await program.run(
            "account", "create", slug, email, "--role", role, "--given-name", "Ada", "--family-name", "Byron", "--json")
    }

    @Test func `a person is created with an invitation, listed, suspended, and audited`() async throws {
        let made = try await create("Ada@college.example", "admin")
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.output.contains(#""url":"https://\#(slug).waymark.example/invitations/"#))
        let twice = try await create("ada@COLLEGE.example", "staff")
        #expect(twice.status == 1 && twice.errors.contains("Another account has this address already"))
        #expect(try await create("nonsense", "staff").errors.contains("email: must be an e-mail address"))
        #expect(try await create("x@college.example", "king").status == 64)

        let last = try await program.run("account", "suspend", slug, "ada@college.example")
        #expect(last.status == 1 && last.errors.contains("last active admin"), "\(last.errors)")
        #expect(try await create("grace@college.example", "admin").status == 0)
        #expect(try await program.run("account", "suspend", slug, "ada@college.example").status == 0)
        let again = try await program.run("account", "suspend", slug, "ada@college.example")
        #expect(again.status == 1 && again.errors.contains("suspended already"))
        let list = try await program.run("account", "list", slug, "--role", "admin", "--json")
        #expect(list.output.contains(#""email":"Ada@college.example","hasPassword":false"#), "\(list.output)")
        #expect(list.output.contains(#""status":"suspended""#))
        let invited = try await program.run("account", "invite", slug, "ada@college.example")
        #expect(invited.status == 1 && invited.errors.contains("Only an active account can be invited"))
        let nobody = try await program.run("account", "invite", slug, "nobody@college.example")
        #expect(nobody.status == 1 && nobody.errors.contains("there is no account 'nobody@college.example'"))
        let actions = try await college.audited().map { $0.split(separator: " ")[0] }
        #expect(
            actions == [
                "account.create", "invitation.create", "account.create", "invitation.create", "account.update",
            ])
    }

    @Test func `people are invited by mail, one or all, and no link is printed`() async throws {
        for number in 1...3 { _ = try await college.account("student", email: "s\(number)@college.example") }
        let one = try await program.run("account", "invite", slug, "s1@college.example", "--mail")
        #expect(one.status == 0 && one.output == "1 invitation is on its way.\n", "\(one.errors)")
        let all = try await program.run("account", "invite-all", slug, "--role", "student", "--json")
        #expect(all.status == 0 && all.output.contains(#""invited":2"#), "\(all.errors)")
        #expect(
            try await college.texts("select state from mails where kind = 'invitation'")
                == ["waiting", "waiting", "waiting"])
        #expect(
            try await college.truth(
                "select work_at <= now() from waymark.institutions where id = \(college.institution.id)"))
    }

    @Test func `a password comes from standard input, is judged, and ends sessions`() async throws {
        let admin = try await college.person("admin", email: "ada@college.example")
        let command = ["account", "set-password", slug, admin.email]
        let short = try await program.run(command, input: "short\n")
        #expect(short.status == 1 && short.errors.contains("password"), "\(short.errors)")
        #expect(try await college.client(admin).send(.get, "/api/v1/me").status == 200)
        #expect(try await program.run(command, input: "a long enough passphrase\n").status == 0)
        #expect(try await college.client(admin).send(.get, "/api/v1/me").status == 401)
        let list = try await program.run("account", "list", slug)
        #expect(list.output.contains("set"))
        #expect(!list.output.contains("passphrase"))
    }

    @Test func `an API token works until it is revoked, and only admins have one`() async throws {
        let admin = try await college.person("admin", email: "ada@college.example")
        _ = try await college.person("staff", email: "sam@college.example")
        let refused = try await program.run("token", "create", slug, "sam@college.example", "--name", "x")
        #expect(refused.status == 1 && refused.errors.contains("only admins have API tokens"))
        let made = try await program.run("token", "create", slug, admin.email, "--name", "SIS", "--json")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(made.output.utf8)) as? [String: Any])
        let client = college.client().signedIn(report["token"] as? String)
        #expect(try await client.send(.get, "/api/v1/accounts").status == 200)
        #expect(
            try await client.send(.post, "/api/v1/categories", json: #"{"name":"x"}"#).status == 403, "it only reads")
        let id = try #require(report["id"] as? Int)
        #expect(try await program.run("token", "revoke", slug, "\(id)").status == 0)
        #expect(try await client.send(.get, "/api/v1/accounts").status == 401)
        #expect(try await program.run("token", "revoke", slug, "\(id)").status == 1)
    }

    @Test func `a lost authenticator is taken away, and its seeds come under another key`() async throws {
        let staff = try await college.person("staff", email: "sam@college.example")
        let (old, new) = (try SecretKey.random(), try SecretKey.random())
        let place = Authenticators.seeds.place(in: college.institution, row: staff.id)
        let sealed = try SecretKeys(old.text).seal(Array("seed".utf8), at: place).text
        try await college.run(
            "insert into authenticators (account_id, seed, confirmed_at) values (\(staff.id), \(sealed), now())")
        var program = program
        program.environment["WAYMARK_SECRET_KEYS"] = "\(new.text)\n\(old.text)"
        // other tests' institutions have keys of their own, which these do not open
        let rotated = try await program.run("secrets", "rotate", "--json")
        #expect(rotated.output.contains(#""key":"\#(new.id)""#), "\(rotated.errors)")
        let stored = try await college.texts("select seed from authenticators")
        let again = try #require(SealedSecret(stored[0]))
        #expect(again.key == new.id)
        #expect(try SecretKeys(new.text).open(again, at: place) == Array("seed".utf8))
        #expect(try await program.run("secrets", "status").output.contains(new.id))

        #expect(try await program.run("account", "reset-codes", slug, staff.email).status == 0)
        let twice = try await program.run("account", "reset-codes", slug, staff.email)
        #expect(twice.status == 1 && twice.errors.contains("has no authenticator app"))
        #expect(try await college.audited() == ["authenticator.reset account/\(staff.id)"])
    }

}
