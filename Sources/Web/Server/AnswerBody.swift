import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

extension ResponseBody {
    /// Bytes of an answer that are kept in memory and written in one piece.
    static var kept: Int { 256 << 10 }

    /// The same body in memory, where it is small: what fails while it is made is answered as a failure, not broken off
    /// behind a head that promised success. A body that is large or of unknown length is left as it is.
    func complete() async throws -> ResponseBody {
        guard let contentLength, contentLength > 0, contentLength <= Self.kept else { return self }
        let collector = BodyCollector()
        try await write(collector)
        return ResponseBody(byteBuffer: collector.bytes)
    }

    /// Whether the body is written piece by piece, after the head.
    var isStreamed: Bool { contentLength.map { $0 > Self.kept } ?? true }

    /// The same body, handed over in pieces as the client takes them.
    ///
    /// Written in one piece, a big body counts as answered at once, and the idle limit would cut off a slow reader in
    /// the middle of it.
    /// - Parameter ended: called once: with nil when the last byte was handed over, else with what broke the body off.
    func paced(
        piece: Int = 64 << 10, ended: @escaping @Sendable ((any Error)?, _ isClientGone: Bool) -> Void
    ) -> ResponseBody {
        ResponseBody(contentLength: contentLength) { writer in
            let connection = ConnectionState()
            do {
                try await self.write(PacedWriter(base: writer, piece: piece, connection: connection))
            } catch {
                ended(error, connection.isGone)
                throw error
            }
            ended(nil, false)
        }
    }
}

/// Whether a connection has refused to take a piece.
private final class ConnectionState: Sendable {
    private let gone = Mutex(false)

    var isGone: Bool { gone.withLock { $0 } }

    func lost() { gone.withLock { $0 = true } }
}

/// Splits what is written into pieces; each waits until the connection has room.
private struct PacedWriter: ResponseBodyWriter {
    var base: any ResponseBodyWriter
    let piece: Int
    let connection: ConnectionState

    mutating func write(_ buffer: ByteBuffer) async throws {
        var rest = buffer
        while let part = rest.readSlice(length: min(piece, rest.readableBytes)), part.readableBytes > 0 {
            do {
                try await base.write(part)
            } catch {
                connection.lost()
                throw error
            }
        }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        let connection = connection
        do {
            try await base.finish(trailingHeaders)
        } catch {
            connection.lost()
            throw error
        }
    }
}

/// Takes a body into memory.
private final class BodyCollector: ResponseBodyWriter {
    private(set) var bytes = ByteBuffer()

    func write(_ buffer: ByteBuffer) async throws {
        var buffer = buffer
        if bytes.readableBytes == 0 { bytes = buffer } else { bytes.writeBuffer(&buffer) }
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
