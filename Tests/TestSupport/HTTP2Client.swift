import NIOCore
import NIOHPACK

/// HTTP/2 by hand: frames as a test wants them, also those no library sends.
package struct HTTP2Client {
    package struct Frame {
        package let kind: UInt8
        package let flags: UInt8
        package let stream: Int
        package let payload: [UInt8]
    }

    /// What became of a stream.
    package enum Fate: Equatable {
        case answered(Int)
        case reset
        /// GOAWAY or the end of the connection.
        case connectionClosed
    }

    package let raw: RawClient

    /// - Parameter mute: answers no PING, as no real client does.
    package static func connect(to port: Int, mute: Bool = false) async throws -> HTTP2Client {
        let client = HTTP2Client(
            raw: try await RawClient.connect(
                to: port, protocols: ["h2"], handlers: mute ? [] : [PingAnswers()]))
        await client.raw.send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4, stream: 0, []))
        return client
    }

    package static func frame(_ kind: UInt8, flags: UInt8 = 0, stream: Int, _ payload: [UInt8]) -> [UInt8] {
        let size = payload.count
        return [
            UInt8(size >> 16 & 255), UInt8(size >> 8 & 255), UInt8(size & 255), kind, flags,
            UInt8(stream >> 24 & 127), UInt8(stream >> 16 & 255), UInt8(stream >> 8 & 255), UInt8(stream & 255),
        ] + payload
    }

    /// A header block of literals, nothing indexed.
    package static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { [0] + literal($0.0) + literal($0.1) }
    }

    private static func literal(_ text: String) -> [UInt8] {
        var rest = text.utf8.count
        guard rest >= 127 else { return [UInt8(rest)] + text.utf8 }
        var length: [UInt8] = [127]
        rest -= 127
        while rest >= 128 {
            length.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        return length + [UInt8(rest)] + text.utf8
    }

    /// HEADERS, and DATA where there is a body.
    package static func request(
        _ fields: [(String, String)], body: [UInt8]? = nil, stream: Int, ends: Bool = true
    ) -> [UInt8] {
        let head = frame(1, flags: 4 | (body == nil && ends ? 1 : 0), stream: stream, block(fields))
        return head + (body.map { frame(0, flags: ends ? 1 : 0, stream: stream, $0) } ?? [])
    }

    package static func fields(_ path: String, authority: String?, method: String = "GET") -> [(String, String)] {
        [(":method", method), (":scheme", "https"), (":path", path)] + (authority.map { [(":authority", $0)] } ?? [])
    }

    /// Every whole frame received so far.
    package var frames: [Frame] { Self.frames(in: raw.bytes) }

    private static func frames(in bytes: [UInt8]) -> [Frame] {
        var found: [Frame] = []
        var rest = bytes[...]
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let size = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            guard rest.count >= 9 + size else { break }
            let stream = Int(head[5] & 127) << 24 | Int(head[6]) << 16 | Int(head[7]) << 8 | Int(head[8])
            found.append(
                Frame(kind: head[3], flags: head[4], stream: stream, payload: Array(rest.dropFirst(9).prefix(size))))
            rest = rest.dropFirst(9 + size)
        }
        return found
    }

    /// Waits until a stream is answered or refused.
    /// - Parameter untilClosed: does not take GOAWAY for the connection's end: what was sent before may be answered yet.
    package func fate(of stream: Int, within: Duration = .seconds(60), untilClosed: Bool = false) async throws -> Fate {
        let bytes = try await raw.until(within) { Self.fate(of: stream, in: $0, untilClosed) != nil }
        return Self.fate(of: stream, in: bytes, untilClosed) ?? .connectionClosed
    }

    private static func fate(of stream: Int, in bytes: [UInt8], _ untilClosed: Bool) -> Fate? {
        var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
        for frame in frames(in: bytes) {
            if frame.kind == 1 {
                var buffer = ByteBuffer(bytes: frame.payload)
                let headers = try? decoder.decodeHeaders(from: &buffer)
                if frame.stream == stream, let status = headers?.first(name: ":status").flatMap({ Int($0) }) {
                    return .answered(status)
                }
            }
            if frame.kind == 3, frame.stream == stream { return .reset }
            if frame.kind == 7, !untilClosed { return .connectionClosed }
        }
        return nil
    }

    /// One GET on a connection of its own.
    package func get(_ path: String, authority: String, stream: Int = 1) async throws -> Int? {
        await raw.send(Self.request(Self.fields(path, authority: authority), stream: stream))
        guard case .answered(let status) = try await fate(of: stream) else { return nil }
        return status
    }
}

/// Answers PING, for which a server waits before it closes a connection politely.
private final class PingAnswers: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var received = ByteBuffer()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        while let head = received.getInteger(at: received.readerIndex, as: UInt64.self),
            var frame = received.readSlice(length: 9 + Int(head >> 40))
        {
            let kind = UInt8(truncatingIfNeeded: head >> 32)
            let flags = UInt8(truncatingIfNeeded: head >> 24)
            guard kind == 6, flags & 1 == 0 else { continue }
            frame.setInteger(flags | 1, at: frame.readerIndex + 4)
            context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        }
        context.fireChannelRead(data)
    }
}
