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
        try await post(path, pairs: fields.map { ($0.key, $0.value) }, csrf: csrf)
    }

    /// Sends a form in which a name may come several times.
    public func post(
        _ path: String, pairs fields: [(String, String)], csrf: String? = nil
    ) async throws -> TestClient.Answer {
        let proof = [("csrf", csrf ?? person.token.secret.csrfToken)]
        let pairs = (fields + proof).map { "\(Self.encoded($0.0))=\(Self.encoded($0.1))" }
        return try await client.send(
            .post, path, body: Array(pairs.joined(separator: "&").utf8),
            contentType: "application/x-www-form-urlencoded", headers: headers)
    }

    /// Sends the form that a page has for an address, with what is hidden in it: the version above all.
    /// - Parameter page: where the form stands; the address itself where nil.
    public func submit(
        _ path: String, _ fields: [String: String] = [:], on page: String? = nil
    ) async throws -> TestClient.Answer {
        try await post(path, try await get(page ?? path).hiddenFields(to: path).merging(fields) { $1 })
    }

    /// A file that somebody chose.
    public typealias ChosenFile = (name: String, fileName: String, type: String, bytes: [UInt8])

    /// Sends a form with files, as `multipart/form-data`.
    public func upload(
        _ path: String, _ fields: [(name: String, value: String)] = [],
        file: ChosenFile? = nil, files: [ChosenFile] = []
    ) async throws -> TestClient.Answer {
        let form = MultipartForm(
            [("csrf", person.token.secret.csrfToken)] + fields, files + [file].compactMap(\.self))
        return try await client.send(.post, path, body: form.bytes, contentType: form.type, headers: headers)
    }

    private var headers: HTTPFields {
        [.cookie: "__Host-waymark=\(person.token.text)", .origin: "https://\(client.host)"]
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

extension TestClient.Answer {
    /// The hidden fields of the first form that this page sends to an address, but for the proof of its origin.
    public func hiddenFields(to action: String) -> [String: String] {
        let head = "method=\"post\" action=\"\(action)\">"
        guard
            let form = text.split(separator: head, maxSplits: 1).dropFirst().first?
                .split(separator: "</form>", maxSplits: 1).first
        else { return [:] }
        let fields = form.matches(of: /<input type="hidden" name="([^"]*)" value="([^"]*)">/)
        return Dictionary(
            fields.map { (String($0.output.1), String($0.output.2)) }.filter { $0.0 != "csrf" },
            uniquingKeysWith: { first, _ in first })
    }
}

extension TestClient {
    /// The same server, as somebody's browser.
    public func asBrowser(_ person: TestInstitution.Person) -> Browser {
        Browser(client: signedIn(nil), person: person)
    }
}

/// A form with files, as browsers write it.
public struct MultipartForm: Sendable {
    /// The body.
    public private(set) var bytes: [UInt8] = []
    /// Its media type.
    public let type: String

    /// - Parameters:
    ///   - fields: names and values.
    ///   - files: what somebody chose.
    public init(_ fields: [(name: String, value: String)], _ files: [Browser.ChosenFile] = []) {
        let boundary = "----waymark\(UInt64.random(in: .min ... .max))"
        type = "multipart/form-data; boundary=\(boundary)"
        for (name, value) in fields {
            bytes += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
        }
        for file in files {
            bytes += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(file.name)\"; ".utf8
            bytes +=
                "filename=\"\(file.fileName)\"\r\nContent-Type: \(file.type)\r\n\r\n".utf8 + file.bytes + "\r\n".utf8
        }
        bytes += "--\(boundary)--\r\n".utf8
    }
}
