import Events
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// A connection under watch from its first byte on, then the wrapped channel's own setup.
struct GuardedChannel<Base: ServerChildChannel>: ServerChildChannel {
    typealias Value = Base.Value

    let base: Base
    let limits: ConnectionLimits
    let metrics: ServerMetrics
    let observers: Observers

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
                ConnectionWatch(limits: limits, metrics: metrics, observers: observers))
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }.flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let tls = try pipeline.handler(type: NIOSSLServerHandler.self)
            try pipeline.addHandlers(
                [HandshakeWatch(observers: observers), EndedStreams(), PoliteClose()], position: .after(tls))
            return value
        }
    }

    func handle(value: Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

/// What is missing where the framework closes a connection, seen from behind TLS.
///
/// An HTTP/2 connection that is shutting down is closed within the write of its last answer, which nobody has flushed
/// yet. And as long as half-closed connections are allowed, TLS does not take the client's goodbye for the answer to its
/// own, but keeps the connection until its patience of five seconds ends.
private final class PoliteClose: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = ByteBuffer

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        context.flush()
        if mode == .all { try? context.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false) }
        context.close(mode: mode, promise: promise)
    }
}
