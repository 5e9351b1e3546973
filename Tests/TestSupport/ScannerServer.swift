import NIOCore
import NIOPosix
import Synchronization

/// A server on loopback that speaks clamd's INSTREAM, and behaves as it is told.
public final class ScannerServer: Sendable {
    /// How it answers.
    public enum Manner: Sendable {
        /// Infected where the content holds `virus`, else clean.
        case honest
        /// It reads and never answers.
        case stalling
        /// It closes the connection after the first piece.
        case dropping
        /// It says before all has come that it takes no more, and closes.
        case refusing
        /// It answers something else.
        case answering(String)
    }

    /// What it calls a virus.
    public static let virus = "EICAR-STANDARD-ANTIVIRUS-TEST-FILE"

    /// The port on 127.0.0.1; 0 where it listens on a path.
    public let port: Int
    private let channel: any Channel
    private let received: Received

    /// The contents it was sent so far, whole ones only.
    public var contents: [[UInt8]] { received.all.withLock { $0 } }

    fileprivate final class Received: Sendable {
        let all = Mutex<[[UInt8]]>([])
    }

    /// - Parameter path: of a Unix socket; nil: a free TCP port.
    public init(_ manner: Manner, path: String? = nil) async throws {
        let received = Received()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Conversation(manner, received))
                }
            }
        channel =
            if let path {
                try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
            } else {
                try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
            }
        port = channel.localAddress?.port ?? 0
        self.received = received
    }

    /// Stops listening.
    public func close() async { try? await channel.close() }
}

private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let manner: ScannerServer.Manner
    private let received: ScannerServer.Received
    private var buffer = ByteBuffer()
    private var content: [UInt8] = []
    private var isGreeted = false

    init(_ manner: ScannerServer.Manner, _ received: ScannerServer.Received) {
        self.manner = manner
        self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var data = unwrapInboundIn(data)
        buffer.writeBuffer(&data)
        if !isGreeted {
            let command = "zINSTREAM\0"
            guard buffer.readableBytes >= command.utf8.count else { return }
            guard buffer.readString(length: command.utf8.count) == command else {
                return answer("UNKNOWN COMMAND", context)
            }
            isGreeted = true
        }
        while let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self),
            buffer.readableBytes >= Int(length) + 4
        {
            buffer.moveReaderIndex(forwardBy: 4)
            content += buffer.readBytes(length: Int(length)) ?? []
            switch manner {
            case .dropping: return context.close(promise: nil)
            case .refusing: return answer("INSTREAM size limit exceeded. ERROR", context)
            case .stalling, .honest, .answering: break
            }
            if length == 0 { return end(context) }
        }
    }

    private func end(_ context: ChannelHandlerContext) {
        received.all.withLock { $0.append(content) }
        switch manner {
        case .honest:
            let isInfected = String(decoding: content, as: UTF8.self).contains(ScannerServer.virus)
            answer(isInfected ? "stream: Eicar-Signature FOUND" : "stream: OK", context)
        case .answering(let line): answer(line, context)
        case .stalling, .dropping, .refusing: break
        }
    }

    private func answer(_ line: String, _ context: ChannelHandlerContext) {
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: line + "\0"))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }
}
