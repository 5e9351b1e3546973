import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// Walks every route that changes something, as another site would have a signed-in browser call it: 403, and nothing is
/// changed. The walk goes over the server's own tables, so that a new route cannot be forgotten.
@Suite struct CrossSiteTests {
    private struct Stage {
        let place: TestInstitution
        let people: [String: TestInstitution.Person]

        static func make() async throws -> Stage {
            let place = try await TestInstitution.make()
            try await place.run("update settings set student_visibility = true")
            var people: [String: TestInstitution.Person] = [:]
            for role in ["admin", "student", "staff"] { people[role] = try await place.person(role) }
            return Stage(place: place, people: people)
        }

        var host: String { "\(place.institution.slug).localhost" }

        /// Somebody whose role may take the route.
        func person(for access: Route.Access) throws -> TestInstitution.Person {
            let isForStudents = access == .signedIn(.student)
            return try #require(people[isForStudents ? "student" : "admin"])
        }

        /// What every change leaves behind.
        func traces() async throws -> Int {
            try await place.owner(
                ("select (select count(*) from audit) + 1000000 * (select count(*) from sessions)" as SQL)
                    .value(Int.self))
        }

        /// - Parameter action: one that the caller's role may take.
        func address(_ path: String, action: String = "waive") -> String {
            path.split(separator: "/").map { part in
                switch part {
                case "{action}": "/\(action)"
                case _ where part.hasPrefix("{"): "/1"
                default: "/\(part)"
                }
            }.joined()
        }
    }

    /// What another site's request lacks: the origin, the proof, or both. The last is what our own page sends.
    private struct Attempt {
        let name: String
        var origin: String?
        var site: String?
        var csrf: String?

        static func all(host: String, csrf: String, other: String) -> [Attempt] {
            let own = "https://\(host)"
            return [
                Attempt(name: "foreign origin", origin: "https://evil.example", csrf: csrf),
                Attempt(name: "another institution's origin", origin: "https://other.localhost", csrf: csrf),
                Attempt(name: "the origin without TLS", origin: "http://\(host)", csrf: csrf),
                Attempt(name: "another port", origin: own + ":444", csrf: csrf),
                Attempt(name: "opaque origin", origin: "null", csrf: csrf),
                Attempt(name: "no origin", csrf: csrf),
                Attempt(name: "cross-site", origin: own, site: "cross-site", csrf: csrf),
                Attempt(name: "same-site", origin: own, site: "same-site", csrf: csrf),
                Attempt(name: "no token", origin: own),
                Attempt(name: "empty token", origin: own, csrf: ""),
                Attempt(name: "another's token", origin: own, csrf: other),
            ]
        }

        func headers(cookie: SessionToken) -> HTTPFields {
            var fields: HTTPFields = [.cookie: "__Host-waymark=\(cookie.text)"]
            if let origin { fields[.origin] = origin }
            if let site { fields[.fetchSite] = site }
            return fields
        }
    }

    @Test func `no call of the API that changes something can come from another site`() async throws {
        let stage = try await Stage.make()
        let other = try #require(stage.people["staff"]).token.secret.csrfToken
        for route in API.routes where route.writes && route.access != .open {
            let person = try stage.person(for: route.access)
            let before = try await stage.traces()
            func send(_ attempt: Attempt) async throws -> Int {
                var headers = attempt.headers(cookie: person.token)
                if let csrf = attempt.csrf { headers[.csrfToken] = csrf }
                return try await stage.place.client().send(
                    route.method, "/api/v1" + stage.address(route.path), json: "{}", headers: headers
                ).status
            }
            let csrf = person.token.secret.csrfToken
            for attempt in Attempt.all(host: stage.host, csrf: csrf, other: other) {
                #expect(try await send(attempt) == 403, "\(route.name), \(attempt.name)")
            }
            #expect(try await stage.traces() == before, "\(route.name) changed something")
            // signing out would end the walk
            guard route.path != "/session" else { continue }
            let own = Attempt(name: "own", origin: "https://\(stage.host)", site: "same-origin", csrf: csrf)
            let answer = try await send(own)
            #expect(answer != 403, "\(route.name): our own page is let in, or this test shows nothing; got \(answer)")
        }
    }

    /// To SCIM a browser has no way at all: only a token for SCIM opens it, and no cookie is one.
    @Test func `no browser changes anything by SCIM, from wherever`() async throws {
        let stage = try await Stage.make()
        let other = try #require(stage.people["staff"]).token.secret.csrfToken
        let person = try #require(stage.people["admin"])
        let csrf = person.token.secret.csrfToken
        let own = Attempt(name: "own", origin: "https://\(stage.host)", site: "same-origin", csrf: csrf)
        let before = try await stage.traces()
        for route in API.scim where route.writes {
            for attempt in Attempt.all(host: stage.host, csrf: csrf, other: other) + [own] {
                var headers = attempt.headers(cookie: person.token)
                if let csrf = attempt.csrf { headers[.csrfToken] = csrf }
                let answer = try await stage.place.client().send(
                    route.method, "/scim/v2" + stage.address(route.path), json: #"{"userName":"planted"}"#,
                    headers: headers)
                #expect(answer.status == 403, "\(route.name), \(attempt.name)")
            }
        }
        #expect(try await stage.traces() == before)
    }

    @Test func `no form can be sent from another site`() async throws {
        let stage = try await Stage.make()
        let other = try #require(stage.people["staff"]).token.secret.csrfToken
        #expect(Pages.routes.allSatisfy { $0.method == .get || $0.method == .post }, "this walk knows GET and POST")
        let fromAnywhere = Pages.routes.filter(\.isFromAnywhere).map(\.path)
        #expect(fromAnywhere == ["/unsubscribe/{token}"], "mail programs send it; its token says whose it is")
        for page in Pages.routes where page.method == .post && !page.isFromAnywhere {
            let person = try stage.person(for: page.access)
            let before = try await stage.traces()
            func send(_ attempt: Attempt) async throws -> Int {
                let csrf = attempt.csrf.map { "csrf=\($0)" } ?? ""
                return try await stage.place.client().send(
                    .post, stage.address(page.path, action: "submit"), body: Array("name=Planted&\(csrf)".utf8),
                    contentType: "application/x-www-form-urlencoded", headers: attempt.headers(cookie: person.token)
                ).status
            }
            let csrf = person.token.secret.csrfToken
            for attempt in Attempt.all(host: stage.host, csrf: csrf, other: other) {
                // who is not signed in has no token yet: there the origin is the proof
                if page.access == .open, attempt.name.hasSuffix("token") { continue }
                #expect(try await send(attempt) == 403, "POST \(page.path), \(attempt.name)")
            }
            #expect(try await stage.traces() == before, "POST \(page.path) changed something")
            let stranger = try await stage.place.client().send(
                .post, stage.address(page.path), body: Array("name=Planted".utf8),
                contentType: "application/x-www-form-urlencoded", headers: [.origin: "https://evil.example"])
            #expect(stranger.status == 403, "POST \(page.path): nothing foreign is kept for after a sign-in")
            #expect(!stranger.text.contains("Planted"))
            // these end the walk's own session
            guard !["/sign-out", "/account/sessions/{id}/end"].contains(page.path) else { continue }
            let own = Attempt(name: "own", origin: "https://\(stage.host)", site: "same-origin", csrf: csrf)
            let answer = try await send(own)
            #expect(
                answer != 403, "POST \(page.path): our own form is let in, or this test shows nothing; got \(answer)")
        }
    }

    @Test func `every answer forbids framing, sniffing, plain HTTP and keeping`() async throws {
        let stage = try await Stage.make()
        var addresses = [
            "/nothing", "/api/v1/nothing", "/healthz", "/readyz", "/api/v1/openapi.json", "/assets/nothing",
        ]
        addresses += API.routes.filter { !$0.writes }.map { "/api/v1" + stage.address($0.path) }
        addresses += API.scim.filter { !$0.writes }.map { "/scim/v2" + stage.address($0.path) }
        addresses += Pages.routes.filter { $0.method == .get }.map { stage.address($0.path) }
        for person in [stage.people["admin"], stage.people["student"], nil] {
            let cookie: HTTPFields = person.map { [.cookie: "__Host-waymark=\($0.token.text)"] } ?? [:]
            for address in addresses {
                for method in [HTTPRequest.Method.get, .head, .put] {
                    let answer = try await stage.place.client().send(method, address, headers: cookie)
                    let policy = answer.headers[.contentSecurityPolicy] ?? ""
                    #expect(
                        policy.contains("default-src 'none'") || policy.contains("default-src 'self'"), "\(address)")
                    #expect(policy.contains("frame-ancestors 'none'") || policy.contains("sandbox"), "\(address)")
                    #expect(!policy.contains("unsafe"), "\(address)")
                    #expect(answer.headers[.frameOptions] == "DENY", "\(address)")
                    #expect(answer.headers[.referrerPolicy] == "same-origin", "\(address)")
                    #expect(answer.headers[.xContentTypeOptions] == "nosniff", "\(address)")
                    // the color is public, and the same for everybody
                    let isKept = address == "/brand.css" && answer.status == 200
                    #expect(
                        answer.headers[.cacheControl] == (isKept ? "public, max-age=300" : "no-store"), "\(address)")
                    #expect(
                        answer.headers[.strictTransportSecurity]?.hasPrefix("max-age=63072000") == true, "\(address)")
                }
            }
        }
    }
}
