import Casework
import Foundation
import HTTPTypes
import Outgoing
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// Servers that do what no server should.
@Suite struct BadRosterServerTests {
    /// What a server does, and what the history says of it.
    static let faults: [(behaviour: String, fault: String)] = [
        (#"{"kind":"silent"}"#, "unreachable"), (#"{"kind":"drip","pieces":200,"pause":0.1}"#, "unreachable"),
        (#"{"kind":"drops"}"#, "unreachable"),
        (#"{"kind":"endless"}"#, "too-large"), (#"{"kind":"huge"}"#, "too-large"), (#"{"kind":"text"}"#, "unusable"),
        (#"{"kind":"html"}"#, "unusable"), (#"{"kind":"otherList"}"#, "unusable"),
        (#"{"kind":"numbers"}"#, "unusable"), (#"{"kind":"redirect"}"#, "refused"),
        (#"{"kind":"status","status":500}"#, "refused"), (#"{"kind":"status","status":403}"#, "refused"),
        (#"{"kind":"status","status":401}"#, "unauthorized"), (#"{"uses":0}"#, "unauthorized"),
        (#"{"busy":1000,"retryAfter":3600}"#, "busy"), (#"{"kind":"drops","at":"orgs"}"#, "unreachable"),
    ]

    @Test func `what is broken changes nothing, and is told`() async throws {
        let limits = RosterLimits(page: 20, records: 200, answer: 1 << 20, seconds: 1, wait: 0)
        let scene = try await RosterScene.make(limits: limits)
        for (behaviour, fault) in Self.faults {
            var data = RosterData.students(3)
            data.behaviour = behaviour
            try scene.server.tell(data.json)
            let run = try await scene.run()
            #expect(run.text("items", 0, "fault") == fault, "\(behaviour): \(run.text)")
            #expect(try await scene.people() == [], "\(behaviour)")
        }
        #expect(try await scene.college.number("select count(*) from departments") == 0)
        #expect(scene.book.titles == Self.faults.map { "roster_run_failed \($0.fault)" })
        let browser = TestClient(site: scene.site, host: scene.admin.host).asBrowser(scene.person)
        let page = try await browser.get("/settings/roster-source").text
        #expect(page.contains("The server does not answer, or breaks off.") && page.contains("401 at https://roster"))
        // nothing is left behind: the next good one takes all
        try scene.server.tell(RosterData.students(3).json)
        #expect(try await scene.run().text("items", 0, "state") == "done")
        #expect(try await scene.people().count == 3)
    }

    @Test func `what takes more of the disk than a run may is told, and changes nothing`() async throws {
        let scene = try await RosterScene.make(limits: RosterLimits(page: 20, bytes: 1_000, wait: 0))
        try scene.server.tell(RosterData.students(30).json)
        let run = try await scene.run()
        #expect(run.text("items", 0, "fault") == "too-large", "\(run.text)")
        #expect(try await scene.people() == [])
    }

    @Test(arguments: [
        #"{"kind":"drip","pieces":20,"pause":0.05}"#, #"{"uses":3}"#, #"{"busy":2,"retryAfter":0}"#, #"{"nosort":1}"#,
        #"{"cap":1}"#, #"{"noEnd":1}"#,
        #"{"total":{"users":2,"enrollments":0,"classes":0}}"#,
        #"{"expiresIn":-9223372036854775808}"#, #"{"expiresIn":9223372036854775807}"#, #"{"expiresIn":1e30}"#,
        #"{"total":{"users":null,"enrollments":null,"classes":null,"orgs":null}}"#,
    ])
    func `what can be put up with is`(behaviour: String) async throws {
        let scene = try await RosterScene.make()
        var data = RosterData.students(5)
        data.behaviour = behaviour
        try scene.server.tell(data.json)
        let run = try await scene.run()
        #expect(run.text("items", 0, "state") == "done" && run["items"]?[0]?["short"] == .bool(false), "\(run.text)")
        #expect(try await scene.people().count == 5)
        #expect(try await scene.members().count == 5)
        // and of changes
        data.users[0] = RosterData.user("u1", "Anna", changed: "2025-11-20T10:00:00Z")
        try scene.server.tell(data.json)
        let second = try await scene.run()
        #expect(second.number("items", 0, "updated") == 1, "\(second.text)")
        #expect(second["items"]?[0]?["whole"] == .bool(false))
    }

    @Test(arguments: ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"])
    func `changes of any day are taken in`(moment: String) async throws {
        let scene = try await RosterScene.make()
        var data = RosterData.students(2)
        data.users[0] = RosterData.user("u1", "Anna", changed: moment)
        try scene.server.tell(data.json)
        for _ in 1...2 {
            let run = try await scene.run()
            #expect(run.text("items", 0, "state") == "done", "\(run.text)")
        }
        #expect(try await scene.people().count == 2)
    }

    @Test(arguments: [#"{"repeats":"users"}"#, #"{"total":{"users":6}}"#])
    func `nobody is missing where a server gives less than there is`(behaviour: String) async throws {
        let scene = try await RosterScene.make()
        try scene.server.tell(RosterData.students(5).json)
        _ = try await scene.run()
        var data = RosterData.students(5)
        data.users.removeLast()
        data.enrollments.removeLast()
        data.behaviour = behaviour
        try scene.server.tell(data.json)
        let run = try await scene.run(#"{"whole":true,"mostSuspended":9}"#)
        #expect(run["items"]?[0]?["short"] == .bool(true) && run.text("items", 0, "state") == "done", "\(run.text)")
        #expect(try await scene.people().allSatisfy { $0.hasSuffix("|active") })
        #expect(try await scene.members().count == 5)
    }

    @Test(arguments: [#"{"nofilter":1}"#, #"{"ignoresFilter":1}"#])
    func `a server that cannot filter gives all there is`(behaviour: String) async throws {
        let scene = try await RosterScene.make()
        var data = RosterData.students(3)
        data.behaviour = behaviour
        try scene.server.tell(data.json)
        _ = try await scene.run()
        data.users[2] = RosterData.user("u3", "Anna")
        try scene.server.tell(data.json)
        let run = try await scene.run()
        #expect(run.number("items", 0, "updated") == 1 && run.number("items", 0, "records") == 8, "\(run.text)")
        #expect(run["items"]?[0]?["whole"] == .bool(behaviour.contains("nofilter")))
    }

    @Test func `a wrong secret, a place that is forbidden and a certificate of nobody are told apart`() async throws {
        let scene = try await RosterScene.make()
        let test = RosterScene.path + "/test"
        try scene.server.tell(RosterData.students(1).json)
        #expect(try await scene.admin.send(.post, test).json()["usable"] == .bool(true))
        func fault(secret: String = "s 3:cret", tokens: String? = nil) async throws -> String? {
            let set = try await scene.set("/ims/oneroster/rostering/v1p2", secret: secret, tokens: tokens)
            #expect(set.status == 200, "\(set.text)")
            let told = try await scene.admin.send(.post, test)
            #expect(told["usable"] == .bool(false), "\(told.text)")
            return told.text("fault")
        }
        #expect(try await fault(secret: "other") == "token")
        #expect(try await fault(tokens: "https://127.0.0.1:9/token") == "forbidden")
        #expect(try await fault(tokens: "http://roster.localhost/token") == "forbidden")
        var site = scene.site
        site.outgoing = HTTPSClient(
            .init(destinations: try #require(Destinations(allowing: ["roster.localhost"]))))
        _ = try await scene.set("/ims/oneroster/rostering/v1p2")
        let doubting = TestClient(site: site, host: scene.admin.host).signedIn(scene.person.token.text)
        #expect(try await doubting.send(.post, test).text("fault") == "untrusted")
        site.secretKeys = nil
        let locked = TestClient(site: site, host: scene.admin.host).signedIn(scene.person.token.text)
        #expect(try await locked.send(.post, test).text("fault") == "secret")
        _ = try await scene.set("/elsewhere")
        #expect(try await scene.admin.send(.post, test).text("fault") == "refused")
    }
}
