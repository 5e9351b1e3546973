import Events
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Limits of HTTP exchanges that the framework leaves open: a body must keep a minimum pace and end in time, an answer
/// must be taken at that pace, and what nobody reads is dropped only up to a limit.
///
/// Once a shutdown has begun, the last answer of an HTTP/1 connection says `Connection: close` and nothing behind it is
/// read; a request that begins later is answered 503 here and goes no further. So none is carried out without an answer.
/// For the same reason an HTTP/1 request is handed on when the one before it is answered, and not at all behind an answer
/// that says `Connection: close`, whoever gave it.
///
/// Sits behind the HTTP decoder of each HTTP/1 connection and each HTTP/2 stream. Time counts only while the server
/// waits for the client, not while a handler works and holds reading back.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Bytes moved while the client was waited for.
    private struct Flow {
        var bytes = 0
        var waited = TimeAmount.zero
        var since: NIODeadline?

        mutating func start() {
            if since == nil { since = .now() }
        }

        mutating func stop() {
            if let since { waited = waited + (.now() - since) }
            since = nil
        }

        func isTooSlow(_ limits: ConnectionLimits) -> Bool {
            let waiting = total
            guard waiting > limits.grace else { return false }
            return Double(bytes) < Double(limits.minimumPace) * Double(waiting.nanoseconds) / 1e9
        }

        var total: TimeAmount { waited + (since.map { .now() - $0 } ?? .zero) }
    }

    /// What the next handler has not seen yet.
    private enum Held {
        case part(HTTPRequestPart)
        case inputClosed
        case error(HTTPParserError)

        var isHead: Bool {
            if case .part(.head) = self { true } else { false }
        }
    }

    private let limits: ConnectionLimits
    private let observers: Observers
    /// Requests that were handed on, and how many of them are answered: all, or all but the last.
    private var heads = 0
    private var answers = 0
    private var bodyArriving = false
    /// What came behind a request that is not answered yet. Meanwhile nothing more is read.
    private var held = CircularBuffer<Held>(initialCapacity: 0)
    private var wantsToRead = false
    private var upload = Flow()
    private var download = Flow()
    private var receivedAfterAnswer = 0
    private var closesAfterAnswer = false
    /// Whether what arrives belongs to a request that is not carried out.
    private var isRefusing = false
    private var isHTTP1 = false
    private var connection: ConnectionWatch?
    private var isBusy = false
    private var ticks: RepeatedTask?

    init(limits: ConnectionLimits, observers: Observers) {
        self.limits = limits
        self.observers = observers
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        if let codec = try? pipeline.handler(type: HTTP1ToHTTPServerCodec.self) {
            isHTTP1 = true
            try? pipeline.addHandler(StrictHTTP1(), position: .before(codec))
            connection = try? pipeline.handler(type: ConnectionWatch.self)
        } else {
            // a stream lives on its connection's loop
            connection = try? context.channel.parent?.pipeline.syncOperations.handler(type: ConnectionWatch.self)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish()
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        // HTTP/2 says nothing when a stream ends with its connection: the reader would take a part for the whole
        if bodyArriving { context.fireErrorCaught(ChannelError.inputClosed) }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        let next = Held.part(part)
        if held.isEmpty, !next.isHead || heads <= answers { return receive(part, context: context) }
        held.append(next)
    }

    private func receive(_ part: HTTPRequestPart, context: ChannelHandlerContext) {
        switch part {
        case .head(let head):
            if closesAfterAnswer || connection?.isDraining == true { return refuse(context: context) }
            begin()
            if isHTTP1, head.headerFields[.expect]?.lowercased() == "100-continue" {
                context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
            }
        case .body(let bytes):
            upload.bytes += bytes.readableBytes
            if answers == heads {
                receivedAfterAnswer += bytes.readableBytes
                if receivedAfterAnswer > limits.unreadBytes { return context.close(promise: nil) }
            }
        case .end:
            bodyArriving = false
            upload.stop()
            tellConnection()
        }
        if !isRefusing { context.fireChannelRead(wrapInboundOut(part)) }
    }

    /// A request is answered: the next one's turn.
    private func release(context: ChannelHandlerContext) {
        guard !held.isEmpty else { return }
        while let next = held.first, !next.isHead || heads <= answers {
            held.removeFirst()
            switch next {
            case .part(let part): receive(part, context: context)
            case .inputClosed: context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            case .error(let error): receive(error, context: context)
            }
        }
        channelReadComplete(context: context)
        guard held.isEmpty, wantsToRead else { return }
        wantsToRead = false
        read(context: context)
    }

    private func begin() {
        heads += 1
        bodyArriving = true
        upload = Flow(since: .now())
        receivedAfterAnswer = 0
        tellConnection()
    }

    /// Says that the server is stopping, unless an earlier answer on this connection does.
    private func refuse(context: ChannelHandlerContext) {
        let isTold = closesAfterAnswer || isRefusing
        isRefusing = true
        guard !isTold else { return }
        observers.tell(RefusedWhileStopping())
        begin()
        let fields: HTTPFields = [.contentLength: "0", .retryAfter: "5"]
        let head = HTTPResponse(status: .serviceUnavailable, headerFields: fields)
        write(context: context, data: wrapOutboundOut(.head(head)), promise: nil)
        write(context: context, data: wrapOutboundOut(.end(nil)), promise: nil)
        context.flush()
    }

    /// Whether the next answer is the last on this HTTP/1 connection, because the server is stopping.
    private var partsNow: Bool { isHTTP1 && connection?.isDraining == true }

    /// ChannelShouldQuiesceEvent ends here: the framework would close a connection without a request at once.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { return }
        if !held.isEmpty, case ChannelEvent.inputClosed = event { return held.append(.inputClosed) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        upload.stop()
        if bodyArriving { startTicking(context: context) }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        guard held.isEmpty else { return wantsToRead = true }
        upload.start()
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            download.stop()
        } else {
            download.start()
            startTicking(context: context)
        }
        context.fireChannelWritabilityChanged()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if partsNow { head.headerFields[.connection] = "close" }
            if isHTTP1, head.headerFields[.connection] == "close" { closesAfterAnswer = true }
            return context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let bytes):
            download.bytes += bytes.readableBytes
        case .end:
            answers += 1
            tellConnection()
            if closesAfterAnswer || partsNow {
                closesAfterAnswer = true
                held.removeAll()
                context.writeAndFlush(data, promise: promise)
                return context.close(promise: nil)
            }
            context.write(data, promise: promise)
            return release(context: context)
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !held.isEmpty, let error = error as? HTTPParserError { return held.append(.error(error)) }
        receive(error, context: context)
    }

    /// Answers 431 where a header is longer than the parser reads; the framework would say 400. (`Front` judges shorter
    /// ones.) Everything else that breaks off a connection or stream reaches the reader of the body as one error.
    private func receive(_ error: any Error, context: ChannelHandlerContext) {
        guard isHTTP1, heads == answers, case .headerOverflow? = error as? HTTPParserError else {
            return context.fireErrorCaught(error is HTTPParserError ? error : ChannelError.inputClosed)
        }
        let fields: HTTPFields = [.connection: "close", .contentLength: "0"]
        let head = HTTPResponse(status: .requestHeaderFieldsTooLarge, headerFields: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    private func tellConnection() {
        let busy = bodyArriving || heads > answers
        guard busy != isBusy else { return }
        isBusy = busy
        if busy { connection?.began() } else { connection?.ended() }
    }

    private func finish() {
        held.removeAll()
        ticks?.cancel()
        ticks = nil
        if isBusy { connection?.ended() }
        isBusy = false
        connection = nil
    }

    private func startTicking(context: ChannelHandlerContext) {
        guard ticks == nil else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let pause = min(.seconds(1), limits.grace)
        ticks = context.eventLoop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { _ in
            let (handler, context) = bound.value
            handler.tick(context: context)
        }
    }

    private func tick(context: ChannelHandlerContext) {
        let isStalled = !context.channel.isWritable
        guard bodyArriving || isStalled else {
            ticks?.cancel()
            ticks = nil
            return
        }
        if bodyArriving, upload.isTooSlow(limits) || upload.total > limits.bodyWithin {
            observers.tell(SlowClientCut.inBody)
            return context.close(promise: nil)
        }
        guard isStalled, download.isTooSlow(limits) else { return }
        // of HTTP/2 only the stream ends: its other streams may be well
        if isHTTP1, let connection { return connection.cut(.inAnswer) }
        observers.tell(SlowClientCut.inAnswer)
        context.close(promise: nil)
    }
}
