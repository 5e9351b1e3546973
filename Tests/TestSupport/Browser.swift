import Casework
import Foundation
import HTTPTypes

/// A browser of somebody signed in: a cookie in place of a bearer token, forms with `Origin` and the CSRF token.
public struct Browser: Sendable {
    let client: TestClient
    let person: TestInstitution.Person

    /// Asks for a page.
    public func send(_ method: HTTPRequest.Method, _ path: String) async throws -> TestClient.Answer {
        try await client.send(method, path, headers: headers)
    }

    /// Asks for a page.
    public func get(_ path: String) async throws -> TestClient.Answer { try await send(.get, path) }

    /// Sends a form.
    /// - Parameter csrf: the token of a form of ours where nil.
    public func post(
        _ path: String, _ fields: [String: String], csrf: String? = nil
    ) async throws -> TestClient.Answer {
        var fields = fields
        fields["csrf"] = csrf ?? person.token.secret.csrfToken
        let pairs = fields.map { "\(Self.encoded($0.key))=\(Self.encoded($0.value))" }
        return try await client.send(
            .post, path, body: Array(pairs.joined(separator: "&").utf8),
            contentType: "application/x-www-form-urlencoded", headers: headers)
    }

    private var headers: HTTPFields {
        [.cookie: "__Host-waymark=\(person.token.text)", .origin: "https://\(client.host)"]
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

extension TestClient {
    /// The same server, as somebody's browser.
    public func asBrowser(_ person: TestInstitution.Person) -> Browser {
        Browser(client: signedIn(nil), person: person)
    }
}
