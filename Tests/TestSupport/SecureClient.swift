import AsyncHTTPClient
import Casework
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOSSL

/// JSON requests over real TLS connections to a `RunningServer`, certificate checked, to the host of one institution.
public struct SecureClient: Sendable {
    private let http: HTTPClient
    private let origin: String
    /// Sent as a bearer token; nil for none.
    public var token: String?

    /// Runs `body` with a client for each host.
    /// - Parameter hosts: `northfield.localhost`; each is found on loopback.
    package static func with<Result: Sendable>(
        _ server: RunningServer, hosts: [String], _ body: ([SecureClient]) async throws -> Result
    ) async throws -> Result {
        try await with(port: server.port, certificate: server.certificate, hosts: hosts, body)
    }

    /// The same for a server in a process of its own.
    package static func with<Result: Sendable>(
        port: Int, certificate: TestCertificate, hosts: [String], _ body: ([SecureClient]) async throws -> Result
    ) async throws -> Result {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(certificate.certificatePath)
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.dnsOverride = Dictionary(uniqueKeysWithValues: hosts.map { ($0, "127.0.0.1") })
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(
                hosts.map { SecureClient(http: http, origin: "https://\($0):\(port)", token: nil) })
            try await http.shutdown()
            return result
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    /// Signs in by `POST /session`.
    /// - Returns: the same client with the token.
    public func signedIn(_ email: String, _ password: String) async throws -> SecureClient {
        var copy = self
        copy.token = try await send("POST", "/session", json: #"{"email":"\#(email)","password":"\#(password)"}"#)
            .text("token")
        return copy
    }

    /// The same client as somebody who is signed in already.
    public func signedIn(as person: TestInstitution.Person) -> SecureClient {
        var copy = self
        copy.token = person.token.text
        return copy
    }

    /// Sends one request. Paths begin below `/api/v1`.
    /// - Parameters:
    ///   - json: sent as `application/json`.
    ///   - body: sent as it is, with `contentType`.
    public func send(
        _ method: String, _ path: String, json: String? = nil, body: String? = nil, contentType: String = "text/csv",
        headers: [String: String] = [:]
    ) async throws -> TestClient.Answer {
        var request = HTTPClientRequest(url: "\(origin)/api/v1\(path)")
        request.method = HTTPMethod(rawValue: method)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let text = json ?? body {
            request.headers.add(name: "Content-Type", value: json == nil ? contentType : "application/json")
            request.body = .bytes(ByteBuffer(string: text))
        }
        let response = try await http.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 32 << 20)
        var fields = HTTPFields()
        for header in response.headers {
            if let name = HTTPField.Name(header.name) { fields.append(HTTPField(name: name, value: header.value)) }
        }
        return TestClient.Answer(
            status: Int(response.status.code), headers: fields, bytes: Array(bytes.readableBytesView))
    }
}
