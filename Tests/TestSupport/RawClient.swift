import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// A socket, with TLS unless told otherwise, that sends bytes as they are and keeps what comes back.
public final class RawClient: Sendable {
    /// Nothing came within the time.
    public struct TooLate: Error, CustomStringConvertible {
        /// What did come.
        public let description: String
    }

    private struct State {
        var bytes: [UInt8] = []
        var isClosed = false
        var negotiated: String?
        var problem: (any Error)?
    }

    private let channel: any Channel
    private let state: Inbox

    private final class Inbox: Sendable {
        let value = Mutex(State())
    }

    private init(channel: any Channel, state: Inbox) {
        self.channel = channel
        self.state = state
    }

    /// Connects to loopback and, with TLS, waits for the end of the handshake.
    /// - Parameters:
    ///   - protocols: offered by ALPN.
    ///   - receiveBuffer: bytes that the system takes for who does not read; nil lets it grow, to many MiB on some.
    ///   - handlers: see what is received first, and may answer it.
    ///   - adjust: changes the TLS configuration.
    /// - Throws: what the handshake failed of.
    public static func connect(
        to port: Int, tls: Bool = true, protocols: [String] = ["http/1.1"], receiveBuffer: Int? = nil,
        within: Duration = .seconds(60),
        handlers: @autoclosure @escaping @Sendable () -> [any ChannelHandler] = [],
        adjust: (inout TLSConfiguration) -> Void = { _ in }
    ) async throws -> RawClient {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = protocols
        adjust(&configuration)
        let context = try NIOSSLContext(configuration: configuration)
        let inbox = Inbox()
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: false)
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: .init(receiveBuffer))
        }
        let channel = try await bootstrap.channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                if tls { try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil)) }
                try pipeline.addHandlers(handlers() + [Receiver(inbox: inbox)])
            }
        }.connect(host: "127.0.0.1", port: port).get()
        let client = RawClient(channel: channel, state: inbox)
        guard tls else { return client }
        do {
            try await client.wait(within) { $0.negotiated != nil || $0.isClosed || $0.problem != nil }
            try inbox.value.withLock { state in
                if state.negotiated == nil { throw state.problem ?? TooLate(description: "closed in the handshake") }
            }
            return client
        } catch {
            try? await channel.close().get()
            throw error
        }
    }

    private final class Receiver: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let inbox: Inbox

        init(inbox: Inbox) {
            self.inbox = inbox
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            inbox.value.withLock { $0.bytes.append(contentsOf: buffer.readableBytesView) }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case TLSUserEvent.handshakeCompleted(let name) = event {
                inbox.value.withLock { $0.negotiated = name ?? "" }
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            inbox.value.withLock { $0.isClosed = true }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            inbox.value.withLock { if $0.problem == nil { $0.problem = error } }
            context.close(promise: nil)
        }
    }

    /// What ALPN agreed on.
    public var negotiatedProtocol: String { state.value.withLock { $0.negotiated ?? "" } }

    /// Whether the connection is gone.
    public var isClosed: Bool { state.value.withLock { $0.isClosed } }

    /// Everything received so far.
    public var bytes: [UInt8] { state.value.withLock { $0.bytes } }

    /// The server's certificate, DER.
    public func serverCertificate() async throws -> [UInt8] {
        try await channel.eventLoop.submit { [channel] in
            try channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self).peerCertificate?.toDERBytes()
                ?? []
        }.get()
    }

    /// Sends bytes; an error is not reported, the connection's end is seen by reading.
    public func send(_ bytes: [UInt8]) async {
        try? await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// Sends text.
    public func send(_ text: String) async {
        await send(Array(text.utf8))
    }

    /// Stops or resumes taking what the server sends.
    public func setReading(_ reads: Bool) async throws {
        try await channel.setOption(.autoRead, value: reads).get()
    }

    /// Closes.
    public func close() async {
        try? await channel.close().get()
    }

    /// Waits until the server has closed.
    /// - Returns: everything received.
    @discardableResult
    public func untilClosed(within: Duration = .seconds(60)) async throws -> [UInt8] {
        try await wait(within) { $0.isClosed }
        return bytes
    }

    /// Waits until what was received satisfies a condition.
    @discardableResult
    public func until(_ within: Duration = .seconds(60), _ enough: ([UInt8]) -> Bool) async throws -> [UInt8] {
        try await wait(within) { enough($0.bytes) || $0.isClosed }
        return bytes
    }

    /// The next complete HTTP/1 answer, or what there is when the connection closes; takes it out of what was received.
    public func answer(within: Duration = .seconds(60)) async throws -> HTTP1Answer {
        try await wait(within) { HTTP1Answer(parsing: $0.bytes) != nil || $0.isClosed }
        return try state.value.withLock { state in
            guard let answer = HTTP1Answer(parsing: state.bytes) else {
                throw TooLate(description: "closed with \(String(decoding: state.bytes.prefix(200), as: UTF8.self))")
            }
            state.bytes.removeFirst(answer.length)
            return answer
        }
    }

    private func wait(_ limit: Duration, _ isDone: (State) -> Bool) async throws {
        let end = ContinuousClock.now + limit
        while !state.value.withLock({ isDone($0) }) {
            guard .now < end else {
                let bytes = bytes
                throw TooLate(
                    description:
                        "after \(limit): \(bytes.count) bytes, \(String(decoding: bytes.prefix(200), as: UTF8.self))")
            }
            try await Task.sleep(for: .milliseconds(4))
        }
    }
}

/// An HTTP/1 answer with a length.
public struct HTTP1Answer: Sendable {
    /// Status code.
    public let status: Int
    /// Header lines, names in lower case.
    public let headers: [String: String]
    /// The body.
    public let body: String
    /// Bytes it took.
    public let length: Int

    /// - Parameter bytes: what was received; nil where an answer is not complete yet.
    public init?(parsing bytes: [UInt8]) {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        let size = headers["content-length"].flatMap { Int($0) } ?? 0
        guard bytes.count >= end.upperBound + size else { return nil }
        self.status = status
        self.headers = headers
        body = String(decoding: bytes[end.upperBound..<(end.upperBound + size)], as: UTF8.self)
        length = end.upperBound + size
    }
}
