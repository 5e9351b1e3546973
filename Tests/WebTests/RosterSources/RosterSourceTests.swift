import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// What admins set of the server of rosters, and what they see of its runs.
@Suite struct RosterSourceTests {
    private static let whole =
        #""baseUrl":"https://a.example/v1p1","tokenUrl":"https://a.example/t","clientId":"c""#

    @Test func `a secret is kept until it would go elsewhere, and never comes out`() async throws {
        let college = try await TestInstitution.make()
        let admin = college.client(try await college.person("admin"))
        func put(_ json: String) async throws -> TestClient.Answer {
            try await admin.send(.put, RosterScene.path, json: json)
        }
        let first = try await put(#"{\#(Self.whole),"clientSecret":"hush hush","enabled":true,"hour":0}"#)
        #expect(first.status == 200 && first["hasClientSecret"] == .bool(true), "\(first.text)")
        #expect(
            first["suspendsMissing"] == .bool(true) && first["partial"] == .bool(true) && first["nextRunAt"] != .null)
        let stored = try await college.texts("select sealed_secret from roster_sources")
        #expect(stored.count == 1 && stored.allSatisfy { !$0.contains("hush") })
        #expect(try await put(#"{\#(Self.whole),"scope":"core"}"#)["nextRunAt"] == .null)
        #expect(try await college.texts("select sealed_secret from roster_sources") == stored)
        for other in ["baseUrl", "tokenUrl", "clientId"] {
            let changed = Self.whole.replacing("\"\(other)\":\"", with: "\"\(other)\":\"https://b")
            _ = try await put(#"{\#(Self.whole),"clientSecret":"hush hush"}"#)
            #expect(try await put("{\(changed)}")["hasClientSecret"] == .bool(false), "\(other)")
        }
        let told = try await college.texts(
            "select coalesce(before::text, '') || after::text from audit where action = 'roster.source'")
        #expect(told.count == 8 && told.allSatisfy { !$0.contains("hush") && $0.contains("clientSecret") })
        let read = try await admin.send(.get, RosterScene.path)
        #expect(!read.text.contains("ecret\":\"") && read.headers[.eTag] != nil)
        #expect(
            try await admin.send(.put, RosterScene.path, json: "{}", headers: [.ifMatch: "\"1\""]).status == 412)
    }

    @Test(arguments: [
        (#"{"enabled":true}"#, "baseUrl"), (#"{"baseUrl":"ftp://a"}"#, "baseUrl"), (#"{"tokenUrl":"x"}"#, "tokenUrl"),
        (#"{"baseUrl":"https://a/?q=1"}"#, "baseUrl"), (#"{"hour":24}"#, "hour"), (#"{"hour":-1}"#, "hour"),
        (#"{"clientSecret":""}"#, "clientSecret"), (#"{"partial":null}"#, "partial"), (#"{"secret":"x"}"#, "secret"),
    ])
    func `what is wrong is named`(json: String, field: String) async throws {
        let college = try await TestInstitution.make()
        let admin = college.client(try await college.person("admin"))
        let answer = try await admin.send(.put, RosterScene.path, json: json)
        #expect(answer.status == 422 && answer.text.contains(#""field":"\#(field)""#), "\(answer.text)")
    }

    @Test func `nothing runs before all is set, and the history is read page by page`() async throws {
        let college = try await TestInstitution.make()
        let person = try await college.person("admin")
        let admin = college.client(person)
        let runs = RosterScene.path + "/runs"
        for path in [runs, RosterScene.path + "/test"] {
            let refused = try await admin.send(.post, path)
            #expect(refused.status == 409 && refused.text.contains("roster-not-set"), "\(refused.text)")
        }
        let wrong = try await admin.send(.post, runs, json: #"{"mostSuspended":-1}"#)
        #expect(wrong.status == 422 && wrong.text.contains(#""field":"mostSuspended""#))
        try await college.run(
            "insert into roster_runs (state, ended_at) select 'done', now() from generate_series(1, 45)")
        let page = try await admin.send(.get, runs + "?limit=20")
        #expect(page.number("items", 0, "id") == 45 && page.number("items", 19, "id") == 26)
        let next = try #require(page.text("next"))
        #expect(try await admin.send(.get, runs + "?limit=20&cursor=\(next)").number("items", 0, "id") == 25)
        let browser = college.client().asBrowser(person)
        let shown = try await browser.get("/settings/roster-source")
        #expect(shown.status == 200 && shown.text.contains("rel=\"next\"") && shown.text.contains("No run is planned."))
        #expect(!shown.text.contains("Run now</button>"))
        #expect(try await browser.get("/settings/roster-source?cursor=\(next)").status == 200)
        #expect(try await browser.get("/settings/roster-source?cursor=x").status == 422)
    }
}
