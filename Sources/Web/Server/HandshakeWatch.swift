import Events
import NIOCore
import NIOSSL
import NIOTLS

/// Tells of TLS handshakes that fail. Sits behind TLS until the handshake is over.
final class HandshakeWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let observers: Observers

    init(observers: Observers) {
        self.observers = observers
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        guard case TLSUserEvent.handshakeCompleted = event else { return }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case NIOSSLError.handshakeFailed(let failure) = error {
            observers.tell(HandshakeFailed(cause: Self.kind(of: failure)))
        }
        context.fireErrorCaught(error)
    }

    /// The library's own word, from `error:1000010b:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER at …`.
    private static func kind(of failure: BoringSSLError) -> String {
        guard case .sslError(let stack) = failure, let first = stack.first else { return "closed" }
        guard first != .eofDuringHandshake else { return "closed" }
        return first.description.firstMatch(of: /OPENSSL_internal:([A-Z0-9_]+)/)?.1.lowercased() ?? "other"
    }
}
