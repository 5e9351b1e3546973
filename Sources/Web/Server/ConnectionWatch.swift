import Events
import NIOCore

/// Sits next to the socket of each connection and cuts it where nothing politer does: no first request in time (the
/// TLS handshake included), idle for longer than the framework's own limit, or still there at the end of a shutdown.
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

    init(limits: ConnectionLimits, metrics: ServerMetrics, observers: Observers) {
        self.limits = limits
        self.metrics = metrics
        self.observers = observers
    }

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
        if event is ChannelShouldQuiesceEvent, end == nil {
            guard hadRequest else { return context.close(promise: nil) }
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            end = context.eventLoop.scheduleTask(in: limits.shutdownWithin) { bound.value.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Ends the connection at once. What waits to be sent is dropped: a client that takes nothing takes no goodbye.
    func cut() {
        context?.close(promise: nil)
    }

    /// A request's head arrived.
    func began() {
        requests += 1
        hadRequest = true
    }

    /// A request is answered and wholly read, or its stream is gone.
    func ended() {
        requests -= 1
        idleSince = .now()
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
        if !hadRequest { observers.tell(SlowClientCut(at: .handshake)) }
        guard hadRequest, idle < patience else { return context.close(promise: nil) }
        schedule(context: context, in: patience - idle)
    }
}
