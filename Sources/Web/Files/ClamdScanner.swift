import Casework
import Events
import NIOCore
import NIOPosix

/// The virus scanner `clamd`, asked by its command INSTREAM over TCP or a Unix socket: each piece behind its length, a piece
/// of no length at the end, and one line of answer.
public struct ClamdScanner: FileScanner {
    /// Where it listens.
    public enum Address: Sendable, Equatable {
        /// A host and its port.
        case tcp(host: String, port: Int)
        /// A socket in the file system.
        case socket(path: String)

        /// Reads `tcp://clamav:3310` or `unix:///run/clamav/clamd.ctl`; nil for anything else.
        public init?(_ text: String) {
            if let path = text.wholeSuffix(behind: "unix://") {
                // as long as `sockaddr_un` holds
                guard path.hasPrefix("/"), path.utf8.count > 1, path.utf8.count < 108, !path.contains("\0") else {
                    return nil
                }
                self = .socket(path: path)
                return
            }
            guard let place = text.wholeSuffix(behind: "tcp://"), let colon = place.lastIndex(of: ":"),
                let port = Int(place[place.index(after: colon)...]), (1...65_535).contains(port)
            else { return nil }
            let host = place[..<colon].filter { $0 != "[" && $0 != "]" }
            guard !host.isEmpty, host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-:".contains($0)) })
            else { return nil }
            self = .tcp(host: host, port: port)
        }
    }

    /// What its line of answer says.
    enum Verdict: Equatable {
        case clean
        case found(String)
        /// It could not say: the file is too large for it, it is out of order, or the line is none of its.
        case unknown

        /// - Parameter line: all that came, up to its end.
        init(_ line: [UInt8]) {
            let text = String(decoding: line.prefix { $0 != 0 && $0 != 0x0A }, as: UTF8.self)
            guard let said = text.wholeSuffix(behind: "stream: ") else {
                self = .unknown
                return
            }
            if said == "OK" {
                self = .clean
            } else if said.hasSuffix(" FOUND"), said.utf8.count > 6 {
                self = .found(String(said.dropLast(6)))
            } else {
                self = .unknown
            }
        }
    }

    private let address: Address
    private let patience: TimeAmount
    private let observers: Observers

    /// - Parameters:
    ///   - observers: told what it found, and where it could not say.
    ///   - patience: how long it may let one wait for each sign of life, in milliseconds.
    public init(_ address: Address, observers: Observers, patience milliseconds: Int64 = 60_000) {
        self.address = address
        self.observers = observers
        patience = .milliseconds(milliseconds)
    }

    /// Asks it about a file.
    public func finding(in content: StoredPieces) async throws -> String? {
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do { channel = try await connect() } catch { throw silent("unreachable") }
        let line: [UInt8]
        do {
            line = try await channel.executeThenClose { inbound, outbound in
                // it may answer before all is sent, and close: then its answer counts
                do { try await Self.send(content, outbound) } catch  where Self.isOfConnection(error) {}
                return try await Self.answer(inbound)
            }
        } catch  where Self.isOfConnection(error) {
            throw silent("broken_off")
        }
        switch Verdict(line) {
        case .clean: return nil
        case .found(let name):
            observers.tell(VirusFound())
            return name
        case .unknown: throw silent(line.isEmpty ? "broken_off" : "unclear")
        }
    }

    private func silent(_ cause: String) -> CaseworkError {
        observers.tell(ScannerSilent(cause: cause))
        return .lacking(.scanner)
    }

    private static func isOfConnection(_ error: any Error) -> Bool {
        error is ChannelError || error is IOError || error is NIOAsyncWriterError
    }

    private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let patience = patience
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(patience)
        @Sendable func prepare(_ channel: any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> {
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandlers(
                    IdleStateHandler(allTimeout: patience), CloseWhenIdle())
                return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
            }
        }
        return switch address {
        case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port, channelInitializer: prepare)
        case .socket(let path): try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: prepare)
        }
    }

    private static func send(
        _ content: StoredPieces, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        try await outbound.write(ByteBuffer(string: "zINSTREAM\0"))
        for try await piece in content {
            var buffer = ByteBuffer()
            buffer.writeInteger(UInt32(piece.count))
            buffer.writeBytes(piece)
            try await outbound.write(buffer)
        }
        try await outbound.write(ByteBuffer(integer: UInt32(0)))
    }

    private static let longestAnswer = 4_096

    private static func answer(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async throws -> [UInt8] {
        var line: [UInt8] = []
        for try await buffer in inbound {
            line += buffer.readableBytesView
            if line.contains(0) || line.contains(0x0A) || line.count > longestAnswer { break }
        }
        return line
    }
}

/// Closes a connection on which nothing has moved for too long.
private final class CloseWhenIdle: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}

extension String {
    /// What stands behind a beginning; nil where the text begins otherwise.
    fileprivate func wholeSuffix(behind start: String) -> String? {
        hasPrefix(start) ? String(dropFirst(start.count)) : nil
    }
}
