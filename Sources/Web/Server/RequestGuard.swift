import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Limits of one HTTP exchange that the framework leaves open: a body must keep a minimum pace and end in time, and what
/// nobody reads is dropped only up to a limit.
///
/// Sits behind the HTTP decoder of each HTTP/1 connection and each HTTP/2 stream. Time counts only while the server
/// waits for the client, not while a handler works and holds reading back.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// The limits, in bytes, bytes per second and time.
    struct Limits: Sendable {
        var minimumPace = 1_000
        var grace = TimeAmount.seconds(10)
        var total = TimeAmount.minutes(15)
        var unreadBytes = 32 << 20
    }

    private enum Body {
        case none
        case arriving
    }

    private let limits: Limits
    private var body = Body.none
    private var received = 0
    private var waited: TimeAmount = .zero
    private var waitingSince: NIODeadline?
    private var answered = false
    private var receivedAfterAnswer = 0
    private var watch: RepeatedTask?

    init(limits: Limits) {
        self.limits = limits
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        watch?.cancel()
    }

    func channelInactive(context: ChannelHandlerContext) {
        watch?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            body = .arriving
            received = 0
            waited = .zero
            waitingSince = .now()
            answered = false
            receivedAfterAnswer = 0
        case .body(let bytes):
            received += bytes.readableBytes
            if watch == nil { startWatch(context: context) }
            if answered {
                receivedAfterAnswer += bytes.readableBytes
                if receivedAfterAnswer > limits.unreadBytes { return context.close(promise: nil) }
            }
        case .end:
            body = .none
            stopWaiting()
            watch?.cancel()
            watch = nil
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        stopWaiting()
        if watch == nil, case .arriving = body { startWatch(context: context) }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if waitingSince == nil { waitingSince = .now() }
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { answered = true }
        context.write(data, promise: promise)
    }

    private func stopWaiting() {
        if let since = waitingSince { waited = waited + (.now() - since) }
        waitingSince = nil
    }

    private func startWatch(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        watch = context.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            let (handler, context) = bound.value
            handler.tick(context: context)
        }
    }

    private func tick(context: ChannelHandlerContext) {
        guard case .arriving = body else { return }
        let waiting = waited + (waitingSince.map { .now() - $0 } ?? .zero)
        guard waiting > limits.grace else { return }
        let pace = Double(received) / (Double(waiting.nanoseconds) / 1e9)
        if pace < Double(limits.minimumPace) || waiting > limits.total { context.close(promise: nil) }
    }
}

/// Closes a connection that has not brought its first request head within the time, TLS handshake included.
final class FirstRequestDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let time: TimeAmount
    private var timer: Scheduled<Void>?

    init(time: TimeAmount) {
        self.time = time
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    /// The first request arrived: the idle limits take over.
    func satisfy() {
        timer?.cancel()
    }
}

/// Tells the connection's `FirstRequestDeadline` that a request head arrived; one for each HTTP/1 connection or HTTP/2 stream.
final class FirstRequestSignal: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        // an HTTP/1 connection's parent is the listening socket, which lives on a loop of its own
        for channel in [context.channel, context.channel.parent].compactMap({ $0 }) where channel.eventLoop.inEventLoop {
            if let deadline = try? channel.pipeline.syncOperations.handler(type: FirstRequestDeadline.self) {
                deadline.satisfy()
            }
        }
        context.fireChannelRead(data)  // before the removal: a removed handler has nobody to pass it to
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
