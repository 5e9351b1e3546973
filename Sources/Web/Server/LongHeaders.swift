import NIOCore
import NIOTLS

/// Answers an HTTP/2 request with more in its header than the framework reads (16 KiB): 431, before the connection ends.
///
/// The framework decodes a header block whole or not at all, and of the latter says GOAWAY and nothing to the stream that
/// waits. This sits between TLS and the framework, reads the heads of frames, and writes the answer before that GOAWAY.
final class LongHeaders: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A block of fewer bytes, which are compressed, was refused for another reason.
    private static let least = 10_000

    private var isHTTP2 = false
    /// Bytes until the next frame's head; the client's preface is the first to pass.
    private var left = 24
    private var head: [UInt8] = []
    /// The header block that is arriving: its stream, its bytes so far, and whether this frame is its last.
    private var block: (stream: [UInt8], size: Int, isEnding: Bool)?

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted(negotiatedProtocol: "h2") = event { isHTTP2 = true }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isHTTP2 else { return context.fireChannelRead(data) }
        var bytes = unwrapInboundIn(data)
        var index = bytes.readerIndex
        while index < bytes.writerIndex {
            if left > 0 {
                let step = min(left, bytes.writerIndex - index)
                left -= step
                index += step
            } else if let byte: UInt8 = bytes.getInteger(at: index) {
                head.append(byte)
                index += 1
                if head.count == 9 { readHead() }
            }
            // up to here and no further: what the framework refuses now is this block
            if left == 0, head.isEmpty, block?.isEnding == true,
                let slice = bytes.readSlice(length: index - bytes.readerIndex)
            {
                context.fireChannelRead(wrapInboundOut(slice))
                block = nil
            }
        }
        if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(bytes)) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if let block, block.size >= Self.least, Self.isRefusal(unwrapOutboundIn(data)) {
            context.write(wrapOutboundOut(Self.answer(to: block.stream)), promise: nil)
            self.block = nil
        }
        context.write(data, promise: promise)
    }

    /// RFC 9113, 4.1: length, kind, flags, stream.
    private func readHead() {
        left = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
        let endsHeaders = head[4] & 4 != 0
        switch head[3] {
        case 1: block = (Array(head[5...]), left, endsHeaders)
        case 9: block = block.map { ($0.stream, $0.size + left, endsHeaders) }
        default: break
        }
        head.removeAll(keepingCapacity: true)
    }

    /// GOAWAY with an error.
    private static func isRefusal(_ frame: ByteBuffer) -> Bool {
        frame.getInteger(at: frame.readerIndex + 3, as: UInt8.self) == 7
            && frame.getInteger(at: frame.readerIndex + 13, as: UInt32.self) != 0
    }

    /// HEADERS that end the stream, with `:status: 431` and `content-length: 0` as literals that no table needs.
    private static func answer(to stream: [UInt8]) -> ByteBuffer {
        let fields: [UInt8] = [0x08, 3] + Array("431".utf8) + [0x0F, 0x0D, 1] + Array("0".utf8)
        return ByteBuffer(bytes: [0, 0, UInt8(fields.count), 1, 5] + stream + fields)
    }
}
