import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing
import Web

@Suite struct FrontTests {
    @Test func `health answers on any host`() async throws {
        let place = try await TestInstitution.make()
        var client = place.client()
        client.host = "10.1.2.3:8443"
        #expect(try await client.send(.get, "/healthz").status == 200)
    }

    @Test func `every answer has a request id, HSTS, nosniff and no-store`() async throws {
        let place = try await TestInstitution.make()
        for path in ["/api/v1/me", "/nothing-here", "/healthz"] {
            let answer = try await place.client().send(.get, path)
            for header in ["X-Request-Id", "Strict-Transport-Security", "X-Content-Type-Options", "Cache-Control"] {
                let name = try #require(HTTPField.Name(header))
                #expect(answer.headers[name] != nil, "\(path) has no \(header)")
            }
        }
    }

    @Test func `an address that does not exist is a problem below the API and a page elsewhere`() async throws {
        let place = try await TestInstitution.make()
        for (path, type) in [
            ("/api/v1/nothing", "application/problem+json"), ("/api/v2/me", "application/problem+json"),
            ("/api", "application/problem+json"), ("/nothing", "text/html; charset=utf-8"),
            ("/cohorts/1/2/3", "text/html; charset=utf-8"),
        ] {
            for method in [HTTPRequest.Method.get, .post, .delete] {
                let answer = try await place.client().send(method, path)
                #expect(answer.status == 404, "\(method) \(path)")
                #expect(answer.headers[.contentType] == type, "\(method) \(path)")
                #expect(!answer.text.isEmpty, "\(method) \(path)")
            }
        }
    }

    @Test func `at an unknown host there is neither a document nor a 405`() async throws {
        let place = try await TestInstitution.make()
        var client = place.client()
        #expect(try await client.send(.get, "/api/v1/openapi.json").status == 200)
        #expect(try await client.send(.head, "/api/v1/openapi.json").status == 200)
        #expect(try await client.send(.delete, "/api/v1/me").status == 405)
        client.host = "nowhere.localhost"
        #expect(try await client.send(.get, "/api/v1/openapi.json").status == 404)
        #expect(try await client.send(.delete, "/api/v1/me").status == 404)
        #expect(try await client.send(.head, "/healthz").status == 200)
    }

    @Test func `a method nobody knows is 405 like any other that a path does not take`() async throws {
        let place = try await TestInstitution.make()
        for path in ["/api/v1/me", "/api/v1/cohorts/7", "/api/v1/openapi.json"] {
            let known = try await place.client().send(.put, path)
            #expect(known.status == 405 && known.headers[.allow] != nil)
            for name in ["PROPFIND", "FROBNICATE", "MKCOL", "get"] {
                let answer = try await place.client().send(try #require(HTTPRequest.Method(name)), path)
                #expect(answer.status == 405, "\(name) \(path)")
                #expect(answer.headers[.allow] == known.headers[.allow], "\(name) \(path)")
                #expect(answer.headers[.contentType] == "application/problem+json")
                #expect(answer.bytes == known.bytes)
            }
        }
        let propfind = try #require(HTTPRequest.Method("PROPFIND"))
        for path in ["/api/v1/nothing", "/nothing", "/queue"] {
            #expect(try await place.client().send(propfind, path).status == 404, "\(path)")
        }
    }

    @Test func `an address or a header field that is too long is told so`() async throws {
        let place = try await TestInstitution.make()
        let long = String(repeating: "a", count: 16 << 10)
        for path in ["/api/v1/me?q=\(long)", "/\(long)"] {
            let answer = try await place.client().send(.get, path)
            #expect(answer.status == 414)
            #expect(answer.headers[.contentType] == "application/problem+json")
        }
        let name = try #require(HTTPField.Name("X-Long"))
        #expect(try await place.client().send(.get, "/healthz", headers: [name: long]).status == 200)
        #expect(try await place.client().send(.get, "/healthz", headers: [name: long + "a"]).status == 431)
    }

    @Test(arguments: ["", "a b", "north/field.localhost", "host:port", "[::1", "x\"y"])
    func `a host that is none is 400`(host: String) async throws {
        let place = try await TestInstitution.make()
        var client = place.client()
        client.host = host
        #expect(try await client.send(.get, "/api/v1/me").status == 400)
    }

    @Test func `on the bare domain a token names its institution, and sign-in does not exist`() async throws {
        let place = try await TestInstitution.make()
        let admin = try await place.person("admin")
        var client = place.client(admin)
        client.host = "localhost:8443"
        #expect(try await client.send(.get, "/api/v1/me").status == 200)
        #expect(try await client.send(.post, "/api/v1/session", json: "{}").status == 404)
        client.token = nil
        #expect(try await client.send(.get, "/api/v1/me").status == 401)
    }

    @Test func `a database out of reach is 503 with Retry-After, and says nothing of it`() async throws {
        var configuration = Pool.Configuration(conninfo: "postgresql://127.0.0.1:1/nowhere")
        configuration.waitTimeout = .milliseconds(300)
        let deployment = Deployment(.init(pool: configuration))
        let client = TestClient(site: TestInstitution.site(deployment), host: "northfield.localhost")
        for path in ["/api/v1/me", "/readyz"] {
            let answer = try await client.send(.get, path)
            #expect(answer.status == 503)
            #expect(answer.headers[.retryAfter] != nil)
            #expect(!answer.text.contains("127.0.0.1"))
        }
        await deployment.close()
    }
}
