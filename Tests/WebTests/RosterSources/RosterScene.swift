import Casework
import Foundation
import HTTPTypes
import Outgoing
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// An institution that fetches its roster from a server of the tests, and takes classes in as cohorts.
struct RosterScene {
    static let path = "/api/v1/settings/roster-source"

    let server: RosterServer
    let college: TestInstitution
    let site: Site
    /// As the admin, over the API.
    let admin: TestClient
    let person: TestInstitution.Person
    let clock = TestClock(.now)
    let book = EventBook()
    let limits: RosterLimits

    /// - Parameters:
    ///   - version: of the addresses, `v1p1` or `rostering/v1p2`.
    ///   - settings: more members of them.
    static func make(
        version: String = "rostering/v1p2", _ settings: String = "", limits: RosterLimits = RosterLimits(page: 2)
    ) async throws -> RosterScene {
        let server = try await RosterServer()
        let college = try await TestInstitution.make()
        var site = college.site
        site.outgoing = HTTPSClient(
            .init(
                destinations: try #require(Destinations(allowing: ["roster.localhost"])),
                certificateAuthority: server.certificate.certificatePath))
        let person = try await college.person("admin")
        let admin = TestClient(site: site, host: college.client().host).signedIn(person.token.text)
        let scene = RosterScene(
            server: server, college: college, site: site, admin: admin, person: person, limits: limits)
        let category = try await admin.send(.post, "/api/v1/categories", json: #"{"name":"Advising"}"#)
        let rules = try await admin.send(
            .patch, "/api/v1/imports/oneroster/rules",
            json: #"{"categoryId":\#(category.number("id") ?? 0),"teacher":"staff"}"#)
        #expect(rules.status == 200, "\(rules.text)")
        let set = try await scene.set("/ims/oneroster/\(version)", settings)
        #expect(set.status == 200, "\(set.text)")
        return scene
    }

    /// Sets the server of the tests.
    /// - Parameter more: other members than that, such as another address.
    func set(
        _ base: String, _ more: String = "", secret: String = "s 3:cret", tokens: String? = nil
    ) async throws -> TestClient.Answer {
        let own =
            #""baseUrl":"\#(server.origin)\#(base)","tokenUrl":"\#(tokens ?? server.origin + "/token")","clientId":"waymark""#
        return try await admin.send(
            .put, Self.path, json: #"{\#(own),"clientSecret":"\#(secret)"\#(more.isEmpty ? "" : "," + more)}"#)
    }

    /// A worker as on one more server.
    func worker(lease: Double = 120) -> RosterWorker {
        var configuration = RosterWorker.Configuration(client: site.outgoing, keys: site.secretKeys)
        configuration.limits = limits
        configuration.lease = lease
        configuration.clock = { [clock] in clock.now }
        return RosterWorker(
            deployment: college.database.deployment, configuration, observers: book.observers)
    }

    /// Does what is due.
    func work() async throws { try await worker().visit(college.institution) }

    /// Starts a run and does it.
    /// - Returns: the run as the API shows it.
    func run(_ draft: String = "{}") async throws -> TestClient.Answer {
        let started = try await admin.send(.post, Self.path + "/runs", json: draft)
        #expect(started.status == 202, "\(started.text)")
        try await work()
        return try await last()
    }

    /// The newest run, alone on its page.
    func last() async throws -> TestClient.Answer { try await admin.send(.get, Self.path + "/runs?limit=1") }

    func people() async throws -> [String] {
        try await college.texts(
            """
            select concat_ws('|', r.sourced_id, a.email, a.given_name, a.preferred_name, a.role, a.status) from roster_records r
            join accounts a on a.id = r.account_id where r.kind = 'user' order by r.sourced_id
            """)
    }

    func members() async throws -> [String] {
        try await college.texts(
            """
            select c.name || ' ' || a.email from enrollments e join cohorts c on c.id = e.cohort_id
            join accounts a on a.id = e.student_id where e.active order by 1
            """)
    }
}

/// Records of a small school, as a server has them.
struct RosterData {
    var users: [String] = []
    var enrollments: [String] = []
    var behaviour = "{}"

    static let early = "2025-11-01T00:00:00.000Z"

    static func user(
        _ id: String, _ name: String = "Ann", role: String = "student", status: String = "active",
        changed: String = early, email: String? = nil
    ) -> String {
        """
        {"sourcedId":"\(id)","status":"\(status)","dateLastModified":"\(changed)","enabledUser":"true","username":"\(id)",
         "givenName":"\(name)","familyName":"Lee","preferredFirstName":"\(name)y","identifier":"N\(id)",
         "email":"\(email ?? "\(id)@x.edu")","userMasterIdentifier":null,"metadata":{"a":[1]},
         "roles":[{"roleType":"secondary","role":"guardian"},{"roleType":"primary","role":"\(role)","org":{"sourcedId":"o1"}}]}
        """
    }

    static func enrolled(_ id: String, _ user: String, changed: String = early) -> String {
        """
        {"sourcedId":"\(id)","status":"active","dateLastModified":"\(changed)","role":"student","primary":"false",
         "beginDate":"2025-08-01T00:00:00Z","user":{"sourcedId":"\(user)","type":"user"},"class":{"sourcedId":"c1","type":"class"}}
        """
    }

    var json: String {
        """
        {"orgs":[{"sourcedId":"o1","status":"active","dateLastModified":"2025-11-10T00:00:00.000Z","name":"Nursing, \\"North\\"","type":"department"}],
         "classes":[{"sourcedId":"c1","status":"active","dateLastModified":"\(Self.early)","title":"=Seminar","classCode":"S1","classType":"homeroom"}],
         "users":[\(users.joined(separator: ","))],"enrollments":[\(enrollments.joined(separator: ","))],"behaviour":\(behaviour)}
        """
    }

    /// So many students.
    static func students(_ count: Int) -> RosterData {
        RosterData(
            users: (1...count).map { user("u\($0)") }, enrollments: (1...count).map { enrolled("e\($0)", "u\($0)") })
    }
}
