import Casework
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// JSON requests over real TLS connections to a `RunningServer`, certificate checked, to the host of one institution. Each
/// request has a connection of its own.
public struct SecureClient: Sendable {
    private let context: NIOSSLContext
    private let host: String
    private let port: Int
    /// Sent as a bearer token; nil for none.
    public var token: String?
    /// What paths begin below.
    public var base = "/api/v1"

    /// The server closed the connection before it had answered.
    public struct Unanswered: Error {}

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
        let context = try NIOSSLContext(configuration: tls)
        return try await body(hosts.map { SecureClient(context: context, host: $0, port: port, token: nil) })
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

    /// Sends one request. Paths begin below `base`.
    /// - Parameters:
    ///   - json: sent as `application/json`.
    ///   - body: sent as it is, with `contentType`.
    public func send(
        _ method: String, _ path: String, json: String? = nil, body: String? = nil, contentType: String = "text/csv",
        headers: [String: String] = [:]
    ) async throws -> TestClient.Answer {
        var head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: "\(base)\(path)")
        head.headers.add(name: "Host", value: "\(host):\(port)")
        if let token { head.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in headers { head.headers.add(name: name, value: value) }
        let content = json ?? body
        if content != nil {
            head.headers.add(name: "Content-Type", value: json == nil ? contentType : "application/json")
        }
        head.headers.add(name: "Content-Length", value: "\(content?.utf8.count ?? 0)")
        return try await exchange(head, ByteBuffer(string: content ?? ""))
    }

    private func exchange(_ head: HTTPRequestHead, _ body: ByteBuffer) async throws -> TestClient.Answer {
        let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: host))
                    try pipeline.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let channel = connection.channel
        let patience = channel.eventLoop.scheduleTask(in: .seconds(30)) { channel.close(promise: nil) }
        defer { patience.cancel() }
        return try await connection.executeThenClose { inbound, outbound in
            try await outbound.write(.head(head))
            try await outbound.write(.body(.byteBuffer(body)))
            try await outbound.write(.end(nil))
            var (status, fields, bytes) = (0, HTTPFields(), [UInt8]())
            for try await part in inbound {
                switch part {
                case .head(let head):
                    status = Int(head.status.code)
                    for (name, value) in head.headers {
                        if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
                    }
                case .body(let piece): bytes += piece.readableBytesView
                case .end: return TestClient.Answer(status: status, headers: fields, bytes: bytes)
                }
            }
            throw Unanswered()
        }
    }
}
