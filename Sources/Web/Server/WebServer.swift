import Casework
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCertificateReloading
import NIOCore
import NIOPosix
import ServiceLifecycle
import Tenancy

/// The HTTPS server: HTTP/2 and HTTP/1.1 over TLS 1.2 or newer, with limits on slow and silent clients.
public struct WebServer: Service {
    /// Where it listens and how patient it is.
    public struct Configuration: Sendable {
        /// Address to bind; loopback unless the operator opens it.
        public var address: String
        /// TCP port; 0 lets the system choose.
        public var port: Int
        /// Certificate and key.
        public var tls: TLS
        /// A connection's TLS handshake and first request head must be there within this.
        public var firstRequestWithin: TimeAmount = .seconds(10)
        /// A connection without a request in progress closes after this.
        public var idleTimeout: TimeAmount = .seconds(60)
        /// Connections at once; more wait in the system's queue.
        public var maximumConnections = 8_192
        /// Address and port of `GET /metrics`, plain HTTP; nil for none.
        public var metrics: (address: String, port: Int)?

        /// - Parameters:
        ///   - address: an IP address or host name.
        ///   - port: 0 lets the system choose.
        public init(address: String, port: Int, tls: TLS) {
            self.address = address
            self.port = port
            self.tls = tls
        }
    }

    private let services: [any Service]

    /// - Parameters:
    ///   - site: what requests may use.
    ///   - onRunning: called with the port once it listens.
    /// - Throws: `TLS.Refusal` where the certificate cannot be used, or where page templates cannot be read.
    public init(
        site: Site, configuration: Configuration, onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws {
        let (tls, reloader) = try configuration.tls.load(logger: site.logger)
        let stream = HTTP1Channel.Configuration(
            additionalChannelHandlers: [RequestGuard(limits: .init()), FirstRequestSignal()],
            idleTimeout: configuration.idleTimeout,
            httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 64 << 10, maxHeaderFieldCount: 100))
        var http2 = HTTP2ChannelConfiguration(
            idleTimeout: .nanoseconds(configuration.idleTimeout.nanoseconds), gracefulCloseTimeout: .seconds(20),
            streamConfiguration: stream)
        http2.maxAgeTimeout = .seconds(3_600)  // its initializer drops the argument
        let upgrade = http2
        let firstRequestWithin = configuration.firstRequestWithin
        let application = Application(
            responder: Front(inner: Self.router(site: site, kit: try PageKit()).buildResponder(), site: site),
            server: HTTPServerBuilder { responder in
                GuardedChannel(
                    base: try HTTP2UpgradeChannel(
                        tlsConfiguration: tls, configuration: upgrade, responder: responder),
                    firstRequestWithin: firstRequestWithin)
            },
            configuration: .init(
                address: .hostname(configuration.address, port: configuration.port), backlog: 1_024,
                availableConnectionsDelegate: .maximum(configuration.maximumConnections, logger: site.logger)),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? configuration.port) },
            logger: site.quietLogger)
        var services: [any Service] = [reloader, application]
        if let metrics = configuration.metrics {
            services.append(MetricsServer.application(site: site, address: metrics.address, port: metrics.port))
        }
        self.services = services
    }

    /// Serves until a graceful shutdown, then lets requests in flight finish.
    /// - Throws: what keeps it from listening, for example a port in use.
    public func run() async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: services.map {
                    .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
                }, logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() }))
        try await group.run()
    }

    /// Health, the API and its document, the pages: everything this server answers.
    package static func router(site: Site, kit: PageKit) -> Router<SiteContext> {
        let router = Router(context: SiteContext.self)
        let dispatch = Dispatch(site: site)
        dispatch.mount(API.routes, on: router, below: "/api/v1")
        PageDispatch(site: site, kit: kit).mount(Pages.routes, on: router)
        let document = OpenAPI.document(of: API.routes)
        router.get("/api/v1/openapi.json") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(bytes: document)))
        }
        router.get("/healthz") { _, _ in Response.text("ok") }
        router.get("/readyz") { _, _ in
            try await site.deployment.check()
            return Response.text("ok")
        }
        return router
    }
}

extension Site {
    /// The framework's own log, for warnings only: it would write a line for each connection.
    var quietLogger: Logger {
        var logger = logger
        logger.logLevel = .warning
        return logger
    }
}

extension Response {
    /// 200 with plain text.
    static func text(_ text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}

/// `GET /metrics` on an address of its own.
enum MetricsServer {
    static func application(site: Site, address: String, port: Int) -> some Service {
        let router = Router()
        router.get("/metrics") { _, _ in
            var response = Response.text(site.metrics.text(extra: poolLines(site)))
            response.headers[.contentType] = "text/plain; version=0.0.4"
            return response
        }
        return Application(
            router: router, configuration: .init(address: .hostname(address, port: port)), logger: site.quietLogger)
    }

    private static func poolLines(_ site: Site) -> [String] {
        ["# HELP waymark_pool_connections Database connections, by partition and state.",
            "# TYPE waymark_pool_connections gauge"]
            + site.deployment.load.map { load in
                "waymark_pool_connections{partition=\"\(load.partition)\",state=\"\(load.state)\"} \(load.count)"
            }
    }
}
