import Casework
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import Web

/// What a request may cost is told by its bytes: what would be more is refused before it is done.
@Suite struct BoundedWorkTests {
    private static func fields(_ count: Int, _ field: (Int) -> String) -> [UInt8] {
        Array((0..<count).map(field).joined(separator: "&").utf8)
    }

    @Test func `fields of a form are counted before one is decoded`() throws {
        #expect(try URLEncoded.pairs(Self.fields(500) { "k\($0)" }).count == 500)
        // were one decoded first, the refusal would be another
        #expect(throws: URLEncoded.Problem.tooMany) { try URLEncoded.pairs(Self.fields(501) { _ in "%zz" }) }
        #expect(throws: URLEncoded.Problem.malformed("%zz")) { try URLEncoded.pairs(Self.fields(500) { _ in "%zz" }) }
    }

    @Test func `a form of very many fields gets a short answer, whoever sends it`() async throws {
        let college = try await TestInstitution.make()
        let person = try await college.person("admin")
        let many = Self.fields(130_000) { "k\($0)" }
        for (token, path) in [
            (nil, "/categories"), (nil, "/sign-in"), (nil, "/language"), (person.token.text, "/categories"),
        ] {
            let client = college.client()
            let answer = try await client.send(
                .post, path, body: many, contentType: "application/x-www-form-urlencoded",
                headers: [
                    .origin: "https://\(client.host)", .cookie: token.map { "__Host-waymark=\($0)" } ?? "language=en",
                ])
            #expect([401, 413, 422].contains(answer.status), "\(path): \(answer.status)")
            #expect(answer.text.utf8.count < 20_000, "\(path): \(answer.text.utf8.count) bytes")
        }
    }

    @Test func `an answer tells a bounded number of problems, of names of bounded length`() async throws {
        let college = try await TestInstitution.make()
        let admin = college.client(try await college.person("admin"))
        let members = (0..<20_000).map { #""k\#($0)":1"# }.joined(separator: ",")
        let long = #"{"\#(String(repeating: "x", count: 500_000))":1}"#
        for body in ["{\(members)}", long] {
            let answer = try await admin.send(
                .post, "/api/v1/categories", json: body)
            #expect(answer.status == 422)
            #expect(answer.text.utf8.count < 10_000, "\(answer.text.utf8.count) bytes")
        }
    }

    @Test func `an address with very many parameters is refused`() async throws {
        let college = try await TestInstitution.make()
        let admin = college.client(try await college.person("admin"))
        let query = String(repeating: "a&", count: 600)
        #expect(try await admin.send(.get, "/api/v1/cohorts?\(query)").status == 422)
    }
}
