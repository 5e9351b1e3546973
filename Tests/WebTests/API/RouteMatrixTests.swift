import Casework
import Foundation
import HTTPTypes
import TestSupport
import Testing
import Web

/// Every route of the table, by every role, on objects within and beyond its scope: as `routes.csv` says.
@Suite struct RouteMatrixTests {
    @Test func `the matrix has a line for every route and a column for every role`() throws {
        let matrix = try RouteMatrix.read()
        #expect(Set(matrix.callers) == Set(Role.allCases.map(\.rawValue)).union(["token", "scim"]))
        #expect(Set(matrix.callers) == Set(RouteMatrix.Caller.allCases.map(\.rawValue)))
        let routes = Set(WalkedRoute.all.map(\.name))
        #expect(Set(matrix.lines.map(\.route)).subtracting(["* *"]) == routes)
        for route in routes {
            let lines = matrix.lines.filter { $0.route == route }
            let scopes = lines.map(\.scope)
            let needed = lines.first?.namesObject == true ? ["own", "other"] : ["any"]
            #expect(Set(scopes).subtracting(["member"]) == Set(needed) && Set(scopes).count == scopes.count, "\(route)")
        }
        for line in matrix.lines {
            for caller in RouteMatrix.Caller.allCases {
                #expect(line.status(caller, delegated: true) != nil, "\(line) \(caller): no cell")
            }
        }
    }

    @Test(arguments: [false, true]) func `each role gets what its cell says`(delegated: Bool) async throws {
        var scene = try await RouteScene(delegated: delegated)
        let matrix = try RouteMatrix.read()
        for line in matrix.lines where line.path != "*" {
            for caller in RouteMatrix.Caller.allCases {
                let answer = try await scene.send(line, as: caller)
                #expect(
                    answer.status == line.status(caller, delegated: delegated),
                    "\(line) \(caller), delegated: \(delegated): \(answer.status) \(answer.text.prefix(200))")
            }
        }
        await scene.close()
    }

    @Test func `no token opens another institution`() async throws {
        var scene = try await RouteScene(delegated: true)
        let elsewhere = try await TestInstitution.make()
        let matrix = try RouteMatrix.read()
        let expected = try #require(matrix.lines.first { $0.scope == "elsewhere" })
        for line in matrix.lines where line.path != "*" {
            guard WalkedRoute.all.contains(where: { $0.name == line.route && $0.access != .open }) else { continue }
            for caller in RouteMatrix.Caller.allCases {
                let answer = try await scene.send(line, as: caller, at: elsewhere)
                #expect(answer.status == expected.status(caller, delegated: true), "\(line) \(caller)")
            }
        }
        await scene.close()
    }

    @Test func `the document tells of the ETag of just those answers that have one`() async throws {
        var scene = try await RouteScene(delegated: true)
        let paths = try await scene.client(.admin).send(.get, "/api/v1/openapi.json").json()["paths"]
        let matrix = try RouteMatrix.read()
        // SCIM describes itself
        for line in matrix.lines where line.path != "*" && line.scope != "other" && !line.isSCIM {
            let answer = try await scene.send(line, as: line.owner)
            guard (200..<300).contains(answer.status) else { continue }
            let operation = paths?[line.path]?[line.method.lowercased()]
            let told = operation?["responses"]?[String(answer.status)]?["headers"]
            #expect((told?["ETag"] != nil) == (answer.headers[.eTag] != nil), "\(line)")
        }
        await scene.close()
    }

    @Test func `no change is made under a tag that does not fit`() async throws {
        var scene = try await RouteScene(delegated: true)
        let matrix = try RouteMatrix.read()
        for line in matrix.lines where ["PUT", "PATCH", "DELETE"].contains(line.method) && line.scope != "other" {
            for tag in ["\"4711\"", "W/\"1\"", "x"] {
                let answer = try await scene.send(line, as: line.owner, headers: [.ifMatch: tag])
                #expect(answer.status == 412, "\(line) \(tag): \(answer.text)")
            }
            let any = try await scene.send(line, as: line.owner, headers: [.ifMatch: "*"])
            #expect(any.status == line.status(line.owner, delegated: true), "\(line): \(any.text)")
        }
        await scene.close()
    }
}
