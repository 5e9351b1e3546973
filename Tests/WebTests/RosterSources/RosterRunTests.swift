import Casework
import Foundation
import HTTPTypes
import Outgoing
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// What becomes of an institution by one run after another.
@Suite struct RosterRunTests {
    @Test(arguments: ["v1p1", "rostering/v1p2"])
    func `a server's roster comes in, then what has changed, and who is gone`(version: String) async throws {
        let scene = try await RosterScene.make(version: version)
        var data = RosterData.students(3)
        data.users.append(RosterData.user("t1", "Tom", role: "teacher"))
        data.users.append(RosterData.user("p1", "Pat", role: "parent"))
        try scene.server.tell(data.json)
        let first = try await scene.run()
        #expect(first.text("items", 0, "state") == "done", "\(first.text)")
        #expect(first["items"]?[0]?["whole"] == .bool(true) && first.number("items", 0, "records") == 10)
        #expect(first.number("items", 0, "added") == 9 && first.number("items", 0, "failed") == 0, "\(first.text)")
        // 1.1 knows no preferred first names
        func line(_ id: String, _ name: String, _ role: String, _ status: String = "active") -> String {
            "\(id)|\(id)@x.edu|\(name)|" + (version == "v1p1" ? "" : "\(name)y|") + "\(role)|\(status)"
        }
        #expect(
            try await scene.people()
                == [line("t1", "Tom", "staff")] + (1...3).map { line("u\($0)", "Ann", "student") })
        #expect(try await scene.members() == ["=Seminar u1@x.edu", "=Seminar u2@x.edu", "=Seminar u3@x.edu"])
        #expect(try await scene.college.texts("select name from departments") == [#"Nursing, "North""#])
        #expect(scene.server.asked.contains { $0.contains("scope/roster-core.readonly") })

        data.users[0] = RosterData.user("u1", "Anna", changed: "2025-11-20T10:00:00.000Z", email: "anna@x.edu")
        data.users[1] = RosterData.user("u2", status: "tobedeleted", changed: "2025-11-20T10:00:00.000Z")
        try scene.server.tell(data.json)
        let second = try await scene.run(#"{"mostSuspended":1}"#)
        #expect(second["items"]?[0]?["whole"] == .bool(false), "\(second.text)")
        #expect(second.number("items", 0, "records") == 3 && second.number("items", 0, "suspended") == 1)
        #expect(scene.server.asked.contains { $0.contains("filter=dateLastModified>'2025-11-09T23:00:00Z'") })
        let people = try await scene.people()
        #expect(people.contains { $0.hasPrefix("u1|anna@x.edu|Anna|") })
        #expect(people.contains(line("u2", "Ann", "student", "suspended")))

        // a week later all there is is fetched, and who is missing is suspended
        scene.clock.now += 8 * 86_400
        data.users.remove(at: 2)
        data.enrollments.remove(at: 2)
        try scene.server.tell(data.json)
        let third = try await scene.run(#"{"mostSuspended":1}"#)
        #expect(
            third["items"]?[0]?["whole"] == .bool(true) && third.text("items", 0, "state") == "done", "\(third.text)")
        #expect(third.number("items", 0, "suspended") == 1 && third.number("items", 0, "leaving") == 1)
        #expect(try await scene.members() == ["=Seminar anna@x.edu", "=Seminar u2@x.edu"])
        let actors = try await scene.college.texts(
            "select distinct coalesce(actor_id::text, 'nobody') from audit where action in ('account.create', 'import.oneroster')"
        )
        #expect(actors == ["nobody"])
    }

    @Test func `too many who are gone are kept until an admin says yes`() async throws {
        let scene = try await RosterScene.make()
        try scene.server.tell(RosterData.students(12).json)
        _ = try await scene.run()
        try scene.server.tell(RosterData.students(6).json)
        let stopped = try await scene.run(#"{"whole":true}"#)
        #expect(stopped.text("items", 0, "fault") == "stopped", "\(stopped.text)")
        #expect(stopped.number("items", 0, "faultCount") == 6 && stopped.number("items", 0, "faultMost") == 1)
        #expect(try await scene.people().allSatisfy { $0.hasSuffix("|active") })
        #expect(try await scene.members().count == 12)
        #expect(scene.book.titles.last == "roster_run_failed stopped")

        let browser = TestClient(site: scene.site, host: scene.admin.host).asBrowser(scene.person)
        let page = try await browser.get("/settings/roster-source")
        #expect(page.text.contains("6 people would be suspended, or leave their cohorts; without your yes it may be 1"))
        let yes = try await browser.post(
            "/settings/roster-source/runs", ["mostSuspended": "6", "whole": "true"])
        #expect(yes.status == 303, "\(yes.text)")
        try await scene.work()
        #expect(try await scene.last().number("items", 0, "suspended") == 6)
        #expect(try await scene.people().count { $0.hasSuffix("|suspended") } == 6)
    }

    @Test func `how many may go without a yes is the institution's to say`() async throws {
        let scene = try await RosterScene.make()
        try scene.server.tell(RosterData.students(12).json)
        _ = try await scene.run()
        try await scene.college.run("update settings set suspend_percent = 40")
        try scene.server.tell(RosterData.students(7).json)
        let stopped = try await scene.run(#"{"whole":true}"#)
        #expect(stopped.number("items", 0, "faultCount") == 5 && stopped.number("items", 0, "faultMost") == 4)
        #expect(try await scene.people().allSatisfy { $0.hasSuffix("|active") })
        try scene.server.tell(RosterData.students(8).json)
        let done = try await scene.run(#"{"whole":true}"#)
        #expect(done.text("items", 0, "state") == "done" && done.number("items", 0, "suspended") == 4, "\(done.text)")
        #expect(try await scene.members().count == 8)
    }

    @Test func `other rules fetch all there is, and records that cannot be used are told and fetched again`()
        async throws
    {
        let scene = try await RosterScene.make()
        var data = RosterData.students(2)
        data.users.append(RosterData.user("c1", "Cy", role: "counselor"))
        data.users.append(RosterData.user("u9", email: "nowhere"))
        try scene.server.tell(data.json)
        let first = try await scene.run()
        #expect(first.text("items", 0, "state") == "done" && first.number("items", 0, "failed") == 1, "\(first.text)")
        #expect(first.text("items", 0, "problems", 0)?.hasPrefix("users.csv u9: ") == true, "\(first.text)")
        #expect(try await scene.people().count == 2)
        let rules = try await scene.admin.send(
            .patch, "/api/v1/imports/oneroster/rules", json: #"{"counselor":"manager"}"#)
        #expect(rules.status == 200)
        let second = try await scene.run()
        #expect(second["items"]?[0]?["whole"] == .bool(true))
        #expect(try await scene.people().contains { $0.hasPrefix("c1|") && $0.hasSuffix("|manager|active") })
        // one record spoils all where nothing partial is wanted
        #expect(try await scene.set("/ims/oneroster/rostering/v1p2", #""partial":false"#).status == 200)
        data.users.append(RosterData.user("u3"))
        try scene.server.tell(data.json)
        let third = try await scene.run(#"{"whole":true}"#)
        #expect(third.text("items", 0, "fault") == "records" && third.number("items", 0, "failed") == 1)
        #expect(third.number("items", 0, "added") == 1)
        #expect(try await scene.people().count == 3)
        let page = try await scene.admin.asBrowser(scene.person).get("/settings/roster-source")
        let row = page.text.split(separator: "<tr").dropFirst(2).first ?? ""
        #expect(row.contains("1 cannot be used") && !row.contains("added"), "nothing was stored: \(row)")
    }

    @Test func `its hour brings one run a day, and one is under way at most`() async throws {
        let scene = try await RosterScene.make()
        try scene.server.tell(RosterData.students(1).json)
        #expect(try await scene.set("/ims/oneroster/rostering/v1p2", #""enabled":true,"hour":3"#).status == 200)
        let source = try await scene.admin.send(.get, RosterScene.path).json()
        let next = try #require(source["nextRunAt"]?.string.flatMap { try? Date($0, strategy: .iso8601) })
        #expect(next > .now && next < .now + 86_400)
        func count() async throws -> Int { try await scene.college.number("select count(*) from roster_runs") }
        func due(_ at: Date) async throws -> Bool {
            try await scene.college.database.deployment.institutions(withRosterDueBy: at)
                .contains { $0.id == scene.college.institution.id }
        }
        try await scene.work()
        #expect(try await count() == 0)
        let before = try await (due(next - 1), due(next))
        #expect(before == (false, true))
        scene.clock.now = next
        async let one: Void = scene.work()
        async let other: Void = scene.work()
        _ = try await (one, other)
        #expect(try await count() == 1)
        #expect(try await scene.last().text("items", 0, "state") == "done")
        #expect(try await scene.people().count == 1)
        let after = try await (due(next + 86_399), due(next + 86_400))
        #expect(after == (false, true))
        scene.clock.now = next + 86_399
        try await scene.work()
        #expect(try await count() == 1)
        scene.clock.now = next + 3 * 86_400
        try await scene.work()
        try await scene.work()
        #expect(try await count() == 2)
    }

    @Test func `a database that is away is told of`() async throws {
        var pool = Pool.Configuration(conninfo: "postgresql://127.0.0.1:1/nowhere")
        pool.waitTimeout = .milliseconds(200)
        let book = EventBook()
        let worker = RosterWorker(
            deployment: Deployment(.init(pool: pool)),
            RosterWorker.Configuration(client: HTTPSClient(.init(destinations: .publicNetwork)), keys: nil),
            observers: book.observers)
        await worker.round()
        #expect(book.titles.count == 1 && book.titles[0].hasPrefix("roster_work_failed database_"), "\(book.titles)")
        await worker.close()
    }

    @Test func `a run whose server died is given up, and whose server stops is begun again`() async throws {
        let scene = try await RosterScene.make()
        try scene.server.tell(RosterData.students(1).json)
        _ = try await scene.admin.send(.post, RosterScene.path + "/runs")
        let runs = RosterRuns(work: try scene.college.database.deployment.system(of: scene.college.institution))
        let dead = try #require(try await runs.begin(at: scene.clock.now, lease: 120).order)
        #expect(try await runs.begin(at: scene.clock.now, lease: 120).order == nil)
        let refused = try await scene.admin.send(.post, RosterScene.path + "/runs")
        #expect(refused.status == 409 && refused.text.contains("roster-run-open"), "\(refused.text)")
        #expect(try await runs.extend(dead, at: scene.clock.now, lease: 60))
        scene.clock.now += 61
        try await scene.work()
        #expect(try await scene.last().text("items", 0, "fault") == "lost")
        #expect(scene.book.titles == ["roster_run_failed lost"])
        // whoever comes back from the dead stores nothing
        #expect(try await runs.extend(dead, at: scene.clock.now, lease: 60) == false)
        try await runs.settle(dead, .failed(RosterFault(.program), nil), at: scene.clock.now)
        #expect(try await scene.last().text("items", 0, "fault") == "lost")
        let late = try scene.college.database.deployment.roster(of: scene.college.institution, lease: dead.lease)
        await #expect(throws: EntryRefusal.forbidden) { try await late.enter() }

        try scene.server.tell(#"{"behaviour":{"kind":"silent"}}"#)
        _ = try await scene.admin.send(.post, RosterScene.path + "/runs")
        let work = Task { try await scene.work() }
        while !scene.server.asked.contains(where: { $0.contains("/users") }) {
            try await Task.sleep(for: .milliseconds(20))
        }
        work.cancel()
        try await work.value
        #expect(try await scene.last().text("items", 0, "state") == "waiting")
        try scene.server.tell(RosterData.students(1).json)
        try await scene.work()
        #expect(try await scene.last().text("items", 0, "state") == "done")
    }
}
