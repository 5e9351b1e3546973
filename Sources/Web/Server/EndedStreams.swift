import NIOCore
import NIOTLS

/// Drops what some clients say of an HTTP/2 stream that has ended already: RST_STREAM with STREAM_CLOSED.
///
/// Debian 12's curl (7.88) sends it after every answer. The framework counts each as an offense and ends a connection at the
/// 201st, with whatever was asked on it last. Of a stream that has ended the frame says nothing new, and a stream that has not
/// goes on as if its client had not sent it.
final class EndedStreams: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var isHTTP2 = false
    /// Bytes until the next frame's head; the client's preface is the first to pass.
    private var left = 24
    /// A head, or a frame that may have to be dropped, of which the rest has not arrived.
    private var held: ByteBuffer?

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted(negotiatedProtocol: "h2") = event { isHTTP2 = true }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isHTTP2 else { return context.fireChannelRead(data) }
        var bytes = unwrapInboundIn(data)
        if var held {
            held.writeBuffer(&bytes)
            bytes = held
            self.held = nil
        }
        /// Looked at and to be passed on.
        var seen = 0
        func pass() {
            if let part = bytes.readSlice(length: seen), seen > 0 { context.fireChannelRead(wrapInboundOut(part)) }
            seen = 0
        }
        while seen < bytes.readableBytes {
            if left > 0 {
                let step = min(left, bytes.readableBytes - seen)
                left -= step
                seen += step
                continue
            }
            switch Self.frame(in: bytes, at: bytes.readerIndex + seen) {
            case .incomplete:
                pass()
                held = bytes
                return
            case .dropped:
                pass()
                bytes.moveReaderIndex(forwardBy: 13)
            case .passed(let length):
                left = 9 + length
            }
        }
        pass()
    }

    private enum Frame {
        case incomplete, dropped
        case passed(length: Int)
    }

    /// RFC 9113, 4.1 and 6.4: length, kind, flags and stream; of RST_STREAM (3) the code, STREAM_CLOSED being 5.
    private static func frame(in bytes: ByteBuffer, at index: Int) -> Frame {
        guard let upper = bytes.getInteger(at: index, as: UInt16.self),
            let lower = bytes.getInteger(at: index + 2, as: UInt8.self),
            let kind = bytes.getInteger(at: index + 3, as: UInt8.self), bytes.writerIndex >= index + 9
        else { return .incomplete }
        let length = Int(upper) << 8 | Int(lower)
        guard kind == 3, length == 4 else { return .passed(length: length) }
        guard let code = bytes.getInteger(at: index + 9, as: UInt32.self) else { return .incomplete }
        return code == 5 ? .dropped : .passed(length: length)
    }
}
