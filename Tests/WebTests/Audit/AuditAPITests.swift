import Casework
import Postgres
import TestSupport
import Testing

@Suite struct AuditAPITests {
    @Test func `admins alone read it, newest first, page by page`() async throws {
        let it = try await TestCohort.make()
        for _ in 0..<5 { #expect(try await it.send(it.admin, "POST /cohorts/\(it.id)/milestones").status == 201) }
        for who in [it.staff, it.student] { #expect(try await it.send(who, "GET /audit").status == 403) }
        var ids: [Int] = []
        var query = "actorId=\(it.admin.id)&limit=2"
        while true {
            let page = try await it.send(it.admin, "GET /audit?\(query)")
            #expect(page.status == 200, "\(page.text)")
            ids += try page.json()["items"]?.elements.compactMap { $0["id"]?.int } ?? []
            guard let next = try page.json()["next"]?.string else { break }
            query = "actorId=\(it.admin.id)&limit=2&cursor=\(next)"
        }
        #expect(ids.count == 5)
        #expect(ids == ids.sorted(by: >))
        let first = try await it.send(it.admin, "GET /audit?limit=1").json()["items"]?[0]
        #expect(first?["actor"]?["name"]?.string == "Ada Lovelace")
        #expect(first?["tokenId"] == .null)
        #expect(first?["before"] == .null)
        #expect(first?["after"]?["title"]?.string == "New Milestone")
    }

    @Test func `who was not signed in is an actor without id and name`() async throws {
        let it = try await TestCohort.make()
        try await it.place.run("insert into audit (action, subject) values ('session.create', 'account/1')")
        let first = try await it.send(it.admin, "GET /audit?limit=1").json()["items"]?[0]
        #expect(first?["actor"]?["id"] == .null)
        #expect(first?["actor"]?["name"] == .null)
    }

    @Test func `filters narrow it, days are the institution's`() async throws {
        let it = try await TestCohort.make(timeZone: "Asia/Tokyo")
        #expect(try await it.send(it.admin, "POST /cohorts/\(it.id)/milestones").status == 201)
        // 20:00 UTC on the 1st is the 2nd in Tokyo.
        try await it.place.run("update audit set at = '2026-03-01 20:00+00'")
        func count(_ query: String) async throws -> Int? {
            try await it.send(it.admin, "GET /audit?\(query)").json()["items"]?.elements.count
        }
        #expect(try await count("from=2026-03-02&to=2026-03-02") == 1)
        #expect(try await count("to=2026-03-01") == 0)
        #expect(try await count("from=2026-03-03") == 0)
        #expect(try await count("from=2026-03-01T20:00:00Z&to=2026-03-01T20:00:00Z") == 1)
        #expect(try await count("from=2026-03-02T05:00:01%2B09:00") == 0)
        #expect(try await count("from=2026-03-02T05:00:00+09:00") == 1)
        #expect(try await count("actorId=\(it.staff.id)") == 0)
        #expect(try await count("subject=cohort/1") == 0)
        for bad in ["from=yesterday", "to=2026-13-01", "actorId=0", "cursor=x", "limit=x"] {
            #expect(try await it.send(it.admin, "GET /audit?\(bad)").status == 422, "\(bad)")
        }
    }

    @Test func `an entry lies within the instant it tells`() async throws {
        let it = try await TestCohort.make()
        #expect(try await it.send(it.admin, "POST /cohorts/\(it.id)/milestones").status == 201)
        try await it.place.run("update audit set at = '2026-03-01 20:00:00.123456+00'")
        let at = try #require(try await it.send(it.admin, "GET /audit").text("items", 0, "at"))
        #expect(at == "2026-03-01T20:00:00.123Z")
        for (query, count) in [
            ("from=\(at)&to=\(at)", 1), ("to=2026-03-01T20:00:00.1239Z", 1), ("to=2026-03-01T20:00:00.122Z", 0),
        ] {
            #expect(try await it.send(it.admin, "GET /audit?\(query)").items("id").count == count, "\(query)")
        }
    }
}
