import Events
import NIOCore

/// Sits next to the socket of each connection and cuts it where nothing politer does: no first request in time (the
/// TLS handshake included), idle for longer than the framework's own limit, or still there at the end of a shutdown.
///
/// Knows whether a shutdown has begun. What arrives from then on is not carried out (`RequestGuard`), because its answer
/// could miss the client. A connection without a request stays a moment, so that a request on its way is told so.
///
/// The framework never closes a client that does not finish its handshake, nor an HTTP/2 client that does not answer
/// the PING of a graceful close. Closing from here skips the TLS goodbye, which would wait for the client again.
final class ConnectionWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let limits: ConnectionLimits
    private let metrics: ServerMetrics
    private let observers: Observers
    private var requests = 0
    private var hadRequest = false
    private var idleSince = NIODeadline.now()
    private var timer: Scheduled<Void>?
    private var end: Scheduled<Void>?
    private var context: ChannelHandlerContext?
    /// When a shutdown began.
    private var drainingSince: NIODeadline?

    init(limits: ConnectionLimits, metrics: ServerMetrics, observers: Observers) {
        self.limits = limits
        self.metrics = metrics
        self.observers = observers
    }

    /// Whether a shutdown has begun: requests that begin now are not carried out.
    var isDraining: Bool { drainingSince != nil }

    func handlerAdded(context: ChannelHandlerContext) {
        metrics.connectionOpened()
        self.context = context
        schedule(context: context, in: limits.firstRequestWithin)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        metrics.connectionClosed()
        self.context = nil
        timer?.cancel()
        end?.cancel()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, !isDraining {
            drainingSince = .now()
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            end = context.eventLoop.scheduleTask(in: min(limits.partWithin, limits.shutdownWithin)) {
                let (watch, context) = bound.value
                watch.part(context: context)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Ends the connection at once. What waits to be sent is dropped: a client that takes nothing takes no goodbye.
    func cut(_ reason: SlowClientCut) {
        observers.tell(reason)
        context?.close(promise: nil)
    }

    /// A request's head arrived.
    func began() {
        requests += 1
        hadRequest = true
        // a connection that became HTTP/2 after the shutdown began has not been told of it
        if isDraining { context?.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    /// A request is answered and wholly read, or its stream is gone.
    func ended() {
        requests -= 1
        idleSince = .now()
    }

    /// Closes a connection on which nothing was asked since the shutdown began. Others have until the shutdown's end.
    private func part(context: ChannelHandlerContext) {
        guard hadRequest else { return context.close(promise: nil) }
        let isIdle = requests == 0 && drainingSince.map { idleSince <= $0 } ?? true
        // with a TLS goodbye, for which a client may take as long again
        if isIdle { context.channel.close(promise: nil) }
        let rest = isIdle ? limits.partWithin : max(limits.shutdownWithin - limits.partWithin, .zero)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        end = context.eventLoop.scheduleTask(in: rest) { bound.value.close(promise: nil) }
    }

    private func schedule(context: ChannelHandlerContext, in time: TimeAmount) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: time) {
            let (watch, context) = bound.value
            watch.look(context: context)
        }
    }

    /// Rescheduled lazily: a request costs no timer.
    private func look(context: ChannelHandlerContext) {
        let patience = limits.idleTimeout + limits.closeWithin
        let idle: TimeAmount = requests > 0 ? .zero : .now() - idleSince
        guard hadRequest else { return cut(.beforeFirstRequest) }
        guard idle < patience else { return context.close(promise: nil) }
        schedule(context: context, in: patience - idle)
    }
}
