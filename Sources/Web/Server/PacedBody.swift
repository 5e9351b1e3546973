import HTTPTypes
import Hummingbird
import NIOCore

extension ResponseBody {
    /// The same body, handed over in pieces as the client takes them; nil where it is small enough as it is.
    ///
    /// Written in one piece, a big body counts as answered at once, and the idle limit would cut off a slow reader in
    /// the middle of it.
    func paced(piece: Int = 64 << 10) -> ResponseBody? {
        guard let contentLength, contentLength > 4 * piece else { return nil }
        return ResponseBody(contentLength: contentLength) { writer in
            try await self.write(PacedWriter(base: writer, piece: piece))
        }
    }
}

/// Splits what is written into pieces; each waits until the connection has room.
private struct PacedWriter: ResponseBodyWriter {
    var base: any ResponseBodyWriter
    let piece: Int

    mutating func write(_ buffer: ByteBuffer) async throws {
        var rest = buffer
        while let part = rest.readSlice(length: min(piece, rest.readableBytes)), part.readableBytes > 0 {
            try await base.write(part)
        }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        try await base.finish(trailingHeaders)
    }
}
