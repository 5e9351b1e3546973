import Casework
import Events
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
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
        /// What one client may cost.
        public var limits = ConnectionLimits()
        /// Address and port of `GET /metrics`, plain HTTP; nil for none.
        public var metrics: (address: String, port: Int)?
        /// Called with the port of `/metrics` once it listens.
        public var onMetricsRunning: @Sendable (Int) async -> Void = { _ in }

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
    private let limits: ConnectionLimits
    private let observers: Observers

    /// A server of these routes.
    /// - Throws: `TLS.Refusal` where the certificate cannot be used.
    package init(
        site: Site, configuration: Configuration, router: Router<SiteContext>,
        onRunning: @escaping @Sendable (Int) async -> Void
    ) throws {
        let limits = configuration.limits
        let certificate = try ServedCertificate(configuration.tls, observers: site.observers)
        let stream = HTTP1Channel.Configuration(
            additionalChannelHandlers: [RequestGuard(limits: limits, observers: site.observers)],
            idleTimeout: limits.idleTimeout,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 64 << 10, maxHeaderListSize: 64 << 10, maxHeaderFieldCount: 100))
        var http2 = HTTP2ChannelConfiguration(
            idleTimeout: .nanoseconds(limits.idleTimeout.nanoseconds),
            gracefulCloseTimeout: .nanoseconds(limits.shutdownWithin.nanoseconds), streamConfiguration: stream)
        http2.maxAgeTimeout = .nanoseconds(limits.maximumAge.nanoseconds)  // its initializer drops the argument
        let upgrade = http2
        let turnover = ConnectionTurnover()
        let application = Application(
            responder: Front(inner: router.buildResponder(), site: site),
            server: HTTPServerBuilder { responder in
                GuardedChannel(
                    base: try HTTP2UpgradeChannel(
                        tlsConfiguration: certificate.configuration, configuration: upgrade, responder: responder),
                    limits: limits, metrics: site.server, observers: site.observers)
            },
            configuration: .init(
                address: .hostname(configuration.address, port: configuration.port), backlog: 1_024,
                availableConnectionsDelegate: .maximum(limits.maximumConnections, logger: site.quietLogger)),
            onServerRunning: { channel in
                let gate = channel.eventLoop.submit {
                    try channel.pipeline.syncOperations.addHandler(
                        ListeningGuard(
                            limits: limits, proxies: site.proxies, observers: site.observers, turnover: turnover),
                        position: .first)
                }
                try? await gate.get()
                await onRunning(channel.localAddress?.port ?? configuration.port)
            },
            logger: site.quietLogger)
        var services: [any Service] = [
            certificate, site.readiness, LagMeter(loops: application.eventLoopGroup, metrics: site.server),
            MemoryReturn(turnover: turnover),
        ]
        if let (address, port) = configuration.metrics {
            services.append(
                MetricsServer(
                    metrics: site.metrics, address: address, port: port, logger: site.logger,
                    onRunning: configuration.onMetricsRunning))
        }
        // the last one is the first to be shut down
        services.append(Listener(base: application, address: configuration.address, port: configuration.port))
        self.services = services
        self.limits = limits
        observers = site.observers
    }

    /// Serves until a graceful shutdown, then lets requests in flight finish within `ConnectionLimits.shutdownWithin`.
    /// - Throws: `Refusal` where it cannot listen, for example on a port in use.
    public func run() async throws {
        Self.raiseFileLimit()
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
            logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() })
        let patience = limits.shutdownWithin + limits.closeWithin
        configuration.maximumGracefulShutdownDuration = .nanoseconds(patience.nanoseconds)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError where Task.isShuttingDownGracefully {
            observers.tell(RequestsCutOff())
        }
    }
}

extension Site {
    /// The framework's own log.
    var quietLogger: Logger { logger.quiet }
}

extension Logger {
    /// For warnings only: the framework would write a line for each connection.
    var quiet: Logger {
        var logger = self
        logger.logLevel = max(logLevel, .warning)
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
