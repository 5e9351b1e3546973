import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// When rosters are fetched: every so many hours of the institution's day.
@Suite struct RosterTimeTests {
    /// What comes after a moment, one time after the other.
    struct Times: Sendable {
        let zone: String
        let every: Int
        let hour: Int
        let after: String
        let next: [String]
    }

    static let times = [
        Times(
            zone: "UTC", every: 6, hour: 21, after: "2026-01-01T03:00:00Z",
            next: ["2026-01-01T09:00:00Z", "2026-01-01T15:00:00Z", "2026-01-01T21:00:00Z", "2026-01-02T03:00:00Z"]),
        Times(zone: "Asia/Kolkata", every: 1, hour: 0, after: "2026-01-01T00:00:00Z", next: ["2026-01-01T00:30:00Z"]),
        Times(zone: "UTC", every: 12, hour: 23, after: "2026-12-31T23:00:00Z", next: ["2027-01-01T11:00:00Z"]),
        // the clock leaves two o'clock out
        Times(
            zone: "America/New_York", every: 24, hour: 2, after: "2026-03-07T08:00:00Z",
            next: ["2026-03-08T07:00:00Z", "2026-03-09T06:00:00Z"]),
        Times(
            zone: "America/New_York", every: 2, hour: 0, after: "2026-03-08T05:00:00Z",
            next: ["2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z", "2026-03-08T10:00:00Z"]),
        Times(
            zone: "America/New_York", every: 1, hour: 3, after: "2026-03-08T06:30:00Z",
            next: ["2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"]),
        // the clock has one o'clock twice
        Times(
            zone: "America/New_York", every: 24, hour: 1, after: "2026-11-01T04:00:00Z",
            next: ["2026-11-01T06:00:00Z", "2026-11-02T06:00:00Z"]),
        Times(
            zone: "America/New_York", every: 1, hour: 3, after: "2026-11-01T04:59:59Z",
            next: ["2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z"]),
        Times(
            zone: "America/New_York", every: 3, hour: 3, after: "2026-11-01T04:00:00Z",
            next: ["2026-11-01T08:00:00Z", "2026-11-01T11:00:00Z"]),
        // half an hour twice
        Times(
            zone: "Australia/Lord_Howe", every: 1, hour: 3, after: "2026-04-04T14:00:00Z",
            next: ["2026-04-04T15:00:00Z", "2026-04-04T15:30:00Z", "2026-04-04T16:30:00Z"]),
    ]

    @Test(arguments: times) func `hours are those of the clock on the wall`(times: Times) async throws {
        let college = try await TestInstitution.make()
        var after = times.after
        for expected in times.next {
            let sql: SQL = """
                select to_char(waymark.next_run(
                    \(after)::text::timestamptz, \(times.every)::int, \(times.hour)::int, \(times.zone)::text)
                    at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                """
            after = try await college.owner(sql.value(String.self))
            #expect(after == expected, "\(times)")
        }
    }

    @Test(
        arguments: ["America/New_York", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu"],
        RosterSource.intervals)
    func `through a year no hour is passed over, and each day has its own`(zone: String, every: Int) async throws {
        let college = try await TestInstitution.make()
        for hour in [0, 1, 2, 23] {
            let schedule: SQL = "\(every)::int, \(hour)::int, \(zone)::text"
            let sql: SQL = """
                with recursive year (first, last) as (
                    select '2026-01-01'::timestamp at time zone \(zone)::text, '2027-01-01'::timestamp at time zone \(zone)::text),
                times (moment, gap) as (
                    select waymark.next_run(first, \(schedule)), null::interval from year
                    union all
                    select n.moment, n.moment - t.moment from year, times t
                    cross join lateral (select waymark.next_run(t.moment, \(schedule)) as moment) n
                    where n.moment < last),
                days as (
                    select day, count(*) as number from (select (moment at time zone \(zone)::text)::date as day from times) d
                    where day > '2026-01-01' group by day)
                select concat_ws(' ', min(gap) > interval '0', max(gap) <= make_interval(hours => \(every)::int + \(every > 1 ? 1 : 0)::int),
                    (select count(*) from days where \(every)::int > 1 and number <> 24 / \(every)::int), (select count(*) from days))
                from times
                """
            #expect(try await college.owner(sql.value(String.self)) == "t t 0 364", "\(hour)")
        }
    }

    private struct Stage {
        let scene: RosterScene

        static func make(every: Int, zone: String = "UTC") async throws -> Stage {
            let scene = try await RosterScene.make()
            try await scene.college.run("update settings set time_zone = \(zone)")
            try scene.server.tell(RosterData.students(1).json)
            let set = try await scene.set(
                "/ims/oneroster/rostering/v1p2", #""enabled":true,"hour":3,"everyHours":\#(every)"#)
            #expect(set.status == 200 && set.number("everyHours") == every, "\(set.text)")
            return Stage(scene: scene)
        }

        func next() async throws -> Date {
            let told = try await scene.admin.send(.get, RosterScene.path).text("nextRunAt")
            return try #require(told.flatMap { try? Date($0, strategy: .iso8601) })
        }

        func runs() async throws -> Int { try await scene.college.number("select count(*) from roster_runs") }

        /// Whether the directory says that a worker should come by.
        func isDue(at moment: Date) async throws -> Bool {
            try await scene.college.database.deployment.institutions(withRosterDueBy: moment)
                .contains { $0.id == scene.college.institution.id }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 6, 12])
    func `each time brings one run, whoever comes by, and one makes up for all that were missed`(
        every: Int
    ) async throws {
        let stage = try await Stage.make(every: every)
        let scene = stage.scene
        let length = Double(every) * 3_600
        try await scene.work()
        #expect(try await stage.runs() == 0)
        let first = try await stage.next()
        #expect(first > .now && first <= .now + length)
        #expect((Calendar.current.dateComponents(in: .gmt, from: first).hour ?? 0) % every == 3 % every)
        for round in 0..<3 {
            scene.clock.now = first + length * Double(round)
            let due = try await (stage.isDue(at: scene.clock.now - 1), stage.isDue(at: scene.clock.now))
            #expect(due == (false, true), "\(round)")
            async let one: Void = scene.work()
            async let other: Void = scene.work()
            _ = try await (one, other)
            #expect(try await stage.runs() == round + 1)
            #expect(try await stage.next() == scene.clock.now + length)
            #expect(try await scene.last().text("items", 0, "state") == "done")
        }
        #expect(try await scene.people().count == 1)
        // three times nobody was there, and then a little late
        scene.clock.now = first + length * 6 + 60
        for _ in 0..<2 { try await scene.work() }
        #expect(try await stage.runs() == 4)
        #expect(try await stage.next() == first + length * 7)
    }

    @Test func `what comes while a run is under way is that run`() async throws {
        let stage = try await Stage.make(every: 1)
        let scene = stage.scene
        let first = try await stage.next()
        scene.clock.now = first
        let runs = RosterRuns(work: try scene.college.database.deployment.system(of: scene.college.institution))
        let order = try #require(try await runs.begin(at: first, lease: 7_200).order)
        scene.clock.now = first + 3_600
        #expect(try await stage.isDue(at: scene.clock.now))
        try await scene.work()
        #expect(try await stage.runs() == 1)
        #expect(try await scene.last().text("items", 0, "state") == "running")
        let due = try await stage.isDue(at: scene.clock.now + 3_599)
        #expect(!due, "the lease and the next time are both to come")
        try await runs.settle(order, .failed(RosterFault(.program), nil), at: scene.clock.now)
        try await scene.work()
        #expect(try await stage.runs() == 1)
        scene.clock.now = first + 7_200
        try await scene.work()
        #expect(try await stage.runs() == 2)
    }

    @Test func `another interval counts from now on, and another zone at once`() async throws {
        let stage = try await Stage.make(every: 24)
        let scene = stage.scene
        let daily = try await stage.next()
        #expect(try await stage.isDue(at: daily))
        let zone = try await scene.admin.send(
            .patch, "/api/v1/settings", json: #"{"timeZone":"Asia/Kathmandu"}"#)
        #expect(zone.status == 200, "\(zone.text)")
        // three o'clock there is a quarter past nine in the evening
        let moved = try await stage.next()
        let parts = Calendar.current.dateComponents(in: .gmt, from: moved)
        #expect(parts.hour == 21 && parts.minute == 15)
        let due = try await (stage.isDue(at: moved - 1), stage.isDue(at: moved))
        #expect(due == (false, true))
        #expect(
            try await scene.set("/ims/oneroster/rostering/v1p2", #""enabled":true,"everyHours":1"#).status == 200)
        let hourly = try await stage.next()
        #expect(hourly > .now && hourly <= .now + 3_600)
        // what is not sent is once a day again
        let plain = try await scene.set("/ims/oneroster/rostering/v1p2", #""enabled":true"#)
        #expect(plain.number("everyHours") == 24)
        let told = try await scene.college.texts(
            "select after ->> 'everyHours' from audit where action = 'roster.source' order by id")
        #expect(told == ["24", "24", "1", "24"])
    }

    @Test func `an admin chooses it on the page, in both languages`() async throws {
        let stage = try await Stage.make(every: 4)
        let client = TestClient(site: stage.scene.site, host: stage.scene.admin.host)
        let browser = client.asBrowser(stage.scene.person)
        let page = try await browser.get("/settings/roster-source").text
        #expect(page.contains(#"<option value="4" selected>Every 4 hours</option>"#))
        #expect(page.contains(">Every hour</option>") && page.contains(">Once a day</option>"))
        let fields = [
            "enabled": "true", "baseUrl": "https://a.example/v1p1", "tokenUrl": "https://a.example/t", "clientId": "c",
            "clientSecret": "", "scope": "", "hour": "5",
        ]
        let chosen = fields.merging(["everyHours": "12"]) { $1 }
        #expect(try await browser.submit("/settings/roster-source", chosen).status == 303)
        #expect(try await stage.scene.admin.send(.get, RosterScene.path).number("everyHours") == 12)
        let wrong = fields.merging(["everyHours": "5"]) { $1 }
        let refused = try await browser.submit("/settings/roster-source", wrong)
        #expect(refused.status == 422 && refused.text.contains("everyHours-error"), "\(refused.text)")
        let cookie = "__Host-waymark=\(stage.scene.person.token.text)"
        let spanish = try await client.send(
            .get, "/settings/roster-source", headers: [.cookie: cookie, .acceptLanguage: "es"]
        ).text
        #expect(spanish.contains(">Cada 12 horas</option>") && spanish.contains("Con qué frecuencia"))
    }

    @Test(arguments: [
        "0", "5", "8", "-1", "25", "1.5", "\"6\"", "true", "null", "[6]", "99999999999999999999", "1e400",
    ])
    func `another number of hours is refused by name`(hours: String) async throws {
        let college = try await TestInstitution.make()
        let admin = college.client(try await college.person("admin"))
        let answer = try await admin.send(.put, RosterScene.path, json: #"{"everyHours":\#(hours)}"#)
        #expect(answer.status == 422 && answer.refusedFields == ["everyHours"], "\(answer.text)")
        #expect(try await college.number("select every_hours from roster_sources") == 24)
    }
}
