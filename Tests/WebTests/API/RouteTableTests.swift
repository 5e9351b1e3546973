import Casework
import Foundation
import HTTPTypes
import Tenancy
import TestSupport
import Testing
import Web

/// Walks the router's own table, so that a new route cannot be forgotten.
@Suite struct RouteTableTests {
    private struct Stage {
        let here: TestInstitution
        let there: TestInstitution
        let admin: TestInstitution.Person
        let student: TestInstitution.Person
        let stranger: TestInstitution.Person
    }

    private func stage() async throws -> Stage {
        let here = try await TestInstitution.make()
        let there = try await TestInstitution.make()
        return Stage(
            here: here, there: there, admin: try await here.person("admin"), student: try await here.person("student"),
            stranger: try await there.person("admin"))
    }

    private func address(_ path: String) -> String {
        WalkedRoute.base(path)
            + path.split(separator: "/").map { part in
                switch part {
                case "{action}": "/submit"
                case _ where part.hasPrefix("{"): "/1000000"
                default: "/\(part)"
                }
            }.joined()
    }

    private func send(_ client: TestClient, _ route: WalkedRoute) async throws -> TestClient.Answer {
        let method = try #require(HTTPRequest.Method(route.method))
        return try await client.send(method, address(route.path), json: route.method == "GET" ? nil : "{}")
    }

    @Test func `without a token, and with another institution's, every route is 401`() async throws {
        let stage = try await stage()
        for route in WalkedRoute.all where route.access != .open {
            let bare = try await send(stage.here.client(), route)
            #expect(bare.status == 401, "\(route.method) \(route.path) without a token")
            #expect(bare.headers[.contentType] == (route.isSCIM ? "application/scim+json" : "application/problem+json"))
            let foreign = try await send(stage.here.client(stage.stranger), route)
            #expect(foreign.status == 401, "\(route.method) \(route.path) with another institution's token")
        }
    }

    @Test func `at an unknown or suspended institution every route is 404, with a token too`() async throws {
        let stage = try await stage()
        try await stage.there.database.migrator.suspend(stage.there.institution)
        var unknown = stage.here.client(stage.admin)
        unknown.host = "nowhere.localhost"
        for route in WalkedRoute.all {
            #expect(try await send(unknown, route).status == 404, "\(route.method) \(route.path) at an unknown host")
            let suspended = try await send(stage.there.client(stage.stranger), route)
            #expect(suspended.status == 404, "\(route.method) \(route.path) at a suspended institution")
        }
    }

    /// What everybody gets for own codes and sessions: there is no app yet, and nobody else's session is found.
    private static let own = [
        "GET /me/authenticator": 404, "POST /me/authenticator": 201, "POST /me/authenticator/confirmation": 422,
        "POST /me/authenticator/recovery-codes": 422, "POST /me/authenticator/removal": 422, "DELETE /me/sessions": 204,
        "DELETE /me/sessions/{id}": 404,
    ]

    @Test func `a student gets 403 on every route that is not a student's, and 404 on those before visibility`()
        async throws
    {
        let stage = try await stage()
        for route in WalkedRoute.all {
            // signing out would end the walk
            guard case .signedIn(let audience) = route.access, route.path != "/session" else { continue }
            let answer = try await send(stage.here.client(stage.student), route)
            let expected =
                switch audience {
                case .any: 200
                case .student, .progress, .readers: 404
                default: 403
                }
            let own = Self.own["\(route.method) \(route.path)"]
            #expect(answer.status == own ?? expected, "\(route.method) \(route.path): \(answer.status)")
        }
    }

    /// What an admin gets for an empty object, and for an object that is not there.
    private func statusForAdmin(_ route: WalkedRoute) -> Int {
        if let own = Self.own["\(route.method) \(route.path)"] { return own }
        if route.access == .signedIn(.student) || route.isSCIM { return 403 }
        // whatever is there, an admin submits nothing
        if route.path.hasSuffix("/progress/{studentId}/{action}") { return 403 }
        if route.path.contains("{") { return 404 }
        if route.path.hasPrefix("/imports/"), route.method == "POST" { return 415 }
        // no provider is set, which is what it says
        if route.path == "/settings/identity-provider/test" { return 200 }
        if route.path.hasPrefix("/settings/roster-source/"), route.method == "POST" { return 409 }
        if route.path == "/calendar" { return ["POST": 201, "DELETE": 204][route.method] ?? 404 }
        // what cannot be empty
        if route.method == "PUT", ["/settings/logo", "/imports/columns"].contains(route.path) { return 422 }
        return route.method == "POST" ? 422 : 200
    }

    @Test func `an admin gets what the route says, and an unknown id is 404 before the body is looked at`() async throws
    {
        let stage = try await stage()
        for route in WalkedRoute.all {
            guard route.access != .open, route.path != "/session" else { continue }
            let answer = try await send(stage.here.client(stage.admin), route)
            #expect(answer.status == statusForAdmin(route), "\(route.method) \(route.path): \(answer.status)")
        }
    }

    @Test func `every path answers 405 with Allow to the methods it does not have`() async throws {
        let stage = try await stage()
        for path in Set(WalkedRoute.all.map(\.path)) {
            let methods = WalkedRoute.all.filter { $0.path == path }.map(\.method)
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"]
            where !methods.contains(method) {
                let answer = try await stage.here.client(stage.admin).send(
                    try #require(HTTPRequest.Method(method)), address(path))
                #expect(answer.status == 405, "\(method) \(path): \(answer.status)")
                let allowed = methods.flatMap { $0 == "GET" ? ["GET", "HEAD"] : [$0] }
                #expect(Set((answer.headers[.allow] ?? "").components(separatedBy: ", ")) == Set(allowed))
            }
        }
    }

    @Test func `the OpenAPI document has exactly the routes of the table`() async throws {
        let stage = try await stage()
        let document = try await stage.here.client().send(.get, "/api/v1/openapi.json").json()
        guard case .object(let root) = document, case .object(let paths)? = root["paths"] else {
            Issue.record("no paths")
            return
        }
        var documented: Set<String> = []
        for path in paths {
            guard case .object(let operations) = path.value else { continue }
            for operation in operations { documented.insert("\(operation.name.uppercased()) \(path.name)") }
        }
        #expect(documented == Set(API.routes.map { "\($0.outline.method) \($0.outline.path)" }))
        #expect(!documented.isEmpty)
    }

    @Test func `the document says which calls take If-Match`() async throws {
        let stage = try await stage()
        let paths = try await stage.here.client().send(.get, "/api/v1/openapi.json").json()["paths"]
        func takes(_ method: String, _ path: String) -> Bool {
            (paths?[path]?[method]?["parameters"]?.elements ?? []).contains { $0["name"]?.string == "If-Match" }
        }
        let step = "/milestones/{id}/progress/{studentId}/{action}"
        #expect(takes("post", step) && takes("patch", "/cohorts/{id}") && takes("put", "/accounts/{id}/card"))
        #expect(
            !takes("post", "/categories") && !takes("get", "/cohorts/{id}")
                && !takes("put", "/groups/{id}/members/{accountId}"))
        #expect(paths?[step]?["post"]?["responses"]?["412"] != nil)
        let answer = paths?["/cohorts/{id}/progress"]?["get"]?["responses"]?["200"]?["content"]?["application/json"]
        let item = answer?["schema"]?["properties"]?["items"]?["items"]?["properties"]
        #expect(item?["version"]?["type"]?.string == "integer", "\(String(describing: item))")
    }

    @Test func `the document says what comes in heads, and that answers may grow`() async throws {
        let stage = try await stage()
        let paths = try await stage.here.client().send(.get, "/api/v1/openapi.json").json()["paths"]
        let list = paths?["/cohorts"]?["get"]?["responses"]
        #expect(list?["200"]?["headers"]?["Link"] != nil)
        #expect(list?["503"]?["headers"]?["Retry-After"]?["required"] == .bool(true))
        let page = list?["200"]?["content"]?["application/json"]?["schema"]
        #expect(page?["properties"] != nil && page?["additionalProperties"] == nil)
        let body = paths?["/categories"]?["post"]?["requestBody"]?["content"]?["application/json"]?["schema"]
        #expect(body?["additionalProperties"] == .bool(false))
        let upload = paths?["/milestones/{id}/files"]?["post"]?["parameters"]?.elements ?? []
        let name = try #require(upload.first { $0["name"]?.string == "Content-Disposition" })
        #expect(name["required"] == .bool(true))
    }

    @Test func `ids that are not positive integers are 404`() async throws {
        let stage = try await stage()
        for id in ["0", "-1", "abc", "1.5", "99999999999999999999", "%00", "1;drop", "+1", "01"] {
            let answer = try await stage.here.client(stage.admin).send(.get, "/api/v1/cohorts/\(id)")
            #expect(answer.status == 404, "\(id): \(answer.status)")
        }
    }
}
