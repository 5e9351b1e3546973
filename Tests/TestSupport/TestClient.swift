import Casework
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import Web

/// Sends requests through the server's own front, router and checks, without sockets.
public struct TestClient: Sendable {
    /// What came back.
    public struct Answer: Sendable {
        /// HTTP status code.
        public let status: Int
        /// Header fields.
        public let headers: HTTPFields
        /// The whole body.
        public let bytes: [UInt8]

        /// The body as text.
        public var text: String { String(decoding: bytes, as: UTF8.self) }

        /// The body as JSON.
        public func json() throws -> JSONValue { try JSONValue(parsing: bytes) }
    }

    /// Text and assets, read once for all clients.
    private static let kit = Result { try PageKit() }
    private let front: Result<Front<RouterResponder<SiteContext>>, any Error>
    /// `northfield.localhost`.
    public var host: String
    /// Sent as a bearer token; nil for none.
    public var token: String?
    /// The network address it comes from.
    public var peer = TestNetwork()[1]

    /// - Parameters:
    ///   - host: the authority of every request.
    ///   - token: the bearer token, if any.
    public init(site: Site, host: String, token: String? = nil) {
        front = Self.kit.map { Front(inner: WebServer.router(site: site, kit: $0).buildResponder(), site: site) }
        self.host = host
        self.token = token
    }

    /// A client of other routes, for tests of the front itself.
    package init(site: Site, host: String, router: Router<SiteContext>) {
        front = .success(Front(inner: router.buildResponder(), site: site))
        self.host = host
    }

    /// The same client as somebody else.
    public func signedIn(_ token: String?) -> TestClient {
        var copy = self
        copy.token = token
        return copy
    }

    /// Sends one request. Paths begin below the host: `/api/v1/me`.
    /// - Parameters:
    ///   - json: sent as `application/json`.
    ///   - body: sent as it is, with `contentType`.
    public func send(
        _ method: HTTPRequest.Method, _ path: String, json: String? = nil, body: [UInt8]? = nil,
        contentType: String? = nil, headers: HTTPFields = [:]
    ) async throws -> Answer {
        var fields = headers
        if let token { fields[.authorization] = "Bearer \(token)" }
        if json != nil { fields[.contentType] = "application/json" }
        if let contentType { fields[.contentType] = contentType }
        let bytes = json.map { Array($0.utf8) } ?? body ?? []
        let request = Request(
            head: HTTPRequest(method: method, scheme: "https", authority: host, path: path, headerFields: fields),
            body: RequestBody(buffer: ByteBuffer(bytes: bytes)))
        let channel = EmbeddedChannel()
        channel.remoteAddress = try SocketAddress(ipAddress: peer, port: 4711)
        let context = SiteContext(
            source: ApplicationRequestContextSource(
                channel: channel, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        let response = try await front.get().respond(to: request, context: context)
        let collector = Collector()
        try await response.body.write(collector)
        let answer = Answer(status: response.status.code, headers: response.headers, bytes: collector.bytes)
        if answer.status >= 500 { print("answered \(answer.status) to \(method) \(path): \(answer.text)") }
        return answer
    }

    private final class Collector: ResponseBodyWriter {
        var bytes: [UInt8] = []

        func write(_ buffer: ByteBuffer) async throws {
            bytes.append(contentsOf: buffer.readableBytesView)
        }

        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}
