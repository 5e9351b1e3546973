import Events
import HTTPTypes
import Hummingbird
import NIOCore
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Casework
@testable import Web

/// Nobody answers 503 without an event that says why.
@Suite struct RefusalTests {
    /// A walk through every route and page with one client, one request after the other.
    private struct Walk {
        let client: TestClient
        let book: EventBook

        func everywhere(_ judge: (_ place: String, TestClient.Answer, [String]) throws -> Void) async throws {
            for route in API.routes {
                try await visit(route.method, "/api/v1" + route.path, json: route.method == .get ? nil : "{}", judge)
            }
            for route in API.scim {
                try await visit(route.method, "/scim/v2" + route.path, json: route.method == .get ? nil : "{}", judge)
            }
            for page in Pages.routes { try await visit(page.method, page.path, json: nil, judge) }
            try await visit(.get, "/readyz", json: nil, judge)
        }

        private func visit(
            _ method: HTTPRequest.Method, _ template: String, json: String?,
            _ judge: (String, TestClient.Answer, [String]) throws -> Void
        ) async throws {
            let number = template.contains("/Groups/") ? "/g1000000" : "/1000000"
            let path = template.split(separator: "/").map { part in
                part == "{action}" ? "/submit" : part.hasPrefix("{") ? number : "/\(part)"
            }.joined()
            let before = book.titles.count
            var headers: HTTPFields = [:]
            if json == nil, let site = HTTPField.Name("Sec-Fetch-Site") {
                headers[.origin] = "https://\(client.host)"
                headers[site] = "same-origin"
                if let token = client.token { headers[.cookie] = "__Host-waymark=\(token)" }
            }
            let isPage = !path.hasPrefix("/api") && !path.hasPrefix("/scim")
            let answer = try await client.signedIn(json == nil && isPage ? nil : client.token).send(
                method, path.isEmpty ? "/" : path, json: json, headers: headers)
            try judge("\(method) \(path)", answer, Array(book.titles.dropFirst(before)))
        }
    }

    private func expectExplained(_ place: String, _ answer: TestClient.Answer, _ told: [String]) {
        #expect(answer.headers[.retryAfter] != nil, "\(place)")
        #expect(told.contains { $0.hasPrefix("request_refused ") }, "\(place) told \(told)")
        #expect(!told.contains("request_refused unexplained"), "\(place)")
        let isSCIM = place.contains(" /scim/")
        let isPage = !place.contains("/api/") && !place.hasSuffix("/readyz") && !isSCIM
        let type =
            isPage ? "text/html; charset=utf-8" : isSCIM ? "application/scim+json" : "application/problem+json"
        #expect(answer.headers[.contentType] == type, "\(place)")
        if isPage, !place.hasPrefix("HEAD"), let name = HTTPField.Name("X-Request-Id") {
            #expect(answer.text.contains(answer.headers[name] ?? "-"), "\(place) names its request")
        }
    }

    @Test func `on every route and page, where the database is away from the start`() async throws {
        var pool = Pool.Configuration(conninfo: "postgresql://127.0.0.1:1/nowhere")
        pool.waitTimeout = .milliseconds(5)
        let deployment = Deployment(.init(pool: pool))
        let book = EventBook()
        let site = Site(
            deployment: deployment, passwords: PasswordHasher(cost: .weak), domain: "localhost",
            logger: LogBook().logger,
            observers: book.observers)
        let token = SessionToken(kind: .session, institution: 1, secret: try Secret.random()).text
        let client = TestClient(site: site, host: "northfield.localhost", token: token)
        try await Walk(client: client, book: book).everywhere { place, answer, told in
            #expect(answer.status == 503, "\(place)")
            expectExplained(place, answer, told)
        }
        await deployment.close()
    }

    @Test func `on every route and page, where the database goes away later`() async throws {
        let database = try await TestDatabase.shared.prepared()
        let place = try await TestInstitution.make()
        let admin = try await place.person("admin")
        var configuration = Deployment.Configuration(pool: .init(conninfo: database.serviceURL))
        configuration.directoryLifetime = .seconds(3_600)
        let deployment = Deployment(configuration)
        let book = EventBook()
        let site = Site(
            deployment: deployment, passwords: PasswordHasher(cost: .weak), domain: "localhost",
            logger: LogBook().logger,
            observers: book.observers)
        let client = TestClient(
            site: site, host: "\(place.institution.slug).localhost", token: admin.token.text)
        #expect(try await client.send(.get, "/api/v1/me").status == 200)
        await deployment.close()
        var refused = 0
        try await Walk(client: client, book: book).everywhere { place, answer, told in
            #expect(answer.status < 500 || answer.status == 503, "\(place): \(answer.status)")
            guard answer.status == 503 else { return }
            refused += 1
            expectExplained(place, answer, told)
        }
        #expect(refused > 100, "nearly all of them ask the database")
    }

    @Test func `where too many sign in, at the API and on the page`() async throws {
        let place = try await TestInstitution.make()
        _ = try await place.account("staff", email: "ada@example.edu")
        let book = EventBook()
        let site = Site(
            deployment: place.database.deployment, passwords: PasswordHasher(cost: .weak), domain: "localhost",
            logger: LogBook().logger, observers: book.observers,
            signIns: SignInClients(limits: .init(places: 0), observers: book.observers))
        let host = "\(place.institution.slug).localhost"
        let client = TestClient(site: site, host: host)
        let api = try await client.send(
            .post, "/api/v1/session", json: #"{"email":"ada@example.edu","password":"correct horse"}"#)
        #expect(api.status == 503)
        #expect(book.titles.contains("request_refused too_busy"))
        let page = try await client.send(
            .post, "/sign-in", body: Array("email=ada%40example.edu&password=correct+horse".utf8),
            contentType: "application/x-www-form-urlencoded", headers: [.origin: "https://\(host)"])
        #expect(page.status == 503)
        #expect(page.headers[.contentType] == "text/html; charset=utf-8")
        #expect(book.titles.count { $0 == "request_refused too_busy" } == 2)
    }

    @Test func `where the work is cancelled because the server stops`() async throws {
        let place = try await TestInstitution.make()
        let book = EventBook()
        let site = Site(
            deployment: place.database.deployment, passwords: PasswordHasher(cost: .weak), domain: "localhost",
            logger: LogBook().logger, observers: book.observers)
        let client = TestClient(site: site, host: "\(place.institution.slug).localhost")
        for path in ["/api/v1/me", "/"] {
            let before = book.titles.count
            let answer = try await withThrowingTaskGroup(of: TestClient.Answer.self) { group in
                group.cancelAll()
                group.addTask {
                    try await client.send(.get, path, headers: [.authorization: "Bearer wms_1_x"])
                }
                return try await group.next()
            }
            #expect(answer?.status == 503, "\(path)")
            #expect(book.titles.dropFirst(before).contains("request_refused cancelled"), "\(path)")
        }
    }

    @Test func `an institution whose schema is older than the program is told to come back, and why is told`()
        async throws
    {
        let place = try await TestInstitution.make()
        let other = try await TestInstitution.make()
        let book = EventBook()
        let site = Site(
            deployment: place.database.deployment, passwords: PasswordHasher(cost: .weak), domain: "localhost",
            logger: LogBook().logger, observers: book.observers)
        let admin = try await place.person("admin")
        try await place.run("alter table cohort_categories rename to categories_of_yesterday")
        let client = TestClient(
            site: site, host: "\(place.institution.slug).localhost", token: admin.token.text)
        let answer = try await client.send(.get, "/api/v1/categories")
        #expect(answer.status == 503)
        #expect(answer.headers[.retryAfter] == "30")
        #expect(!answer.text.contains("categories_of_yesterday") && !answer.text.contains("relation"))
        #expect(book.titles == ["request_refused schema_42P01"])
        #expect(book.events.first?.message.contains("waymark migrate") == true)
        #expect(try await client.send(.get, "/api/v1/me").status == 200, "what its schema still has is served")
        let colleague = try await other.person("admin")
        #expect(try await other.client(colleague).send(.get, "/api/v1/categories").status == 200)
    }
}
