import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// `GET /metrics` and `GET /healthz` on an address of their own: plain HTTP, because only the operator's collector reaches it.
public struct MetricsServer: Service {
    private let listener: Listener

    /// - Parameters:
    ///   - metrics: what it shows.
    ///   - port: 0 lets the system choose.
    ///   - logger: for warnings of the framework.
    ///   - onRunning: called with the port once it listens.
    public init(
        metrics: PrometheusRegistry, address: String, port: Int, logger: Logger,
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        let router = Router()
        router.get("/healthz") { _, _ in Response.text("ok") }
        router.get("/metrics") { _, _ in
            var response = Response.text(metrics.text())
            response.headers[.contentType] = "text/plain; version=0.0.4; charset=utf-8"
            return response
        }
        let application = Application(
            router: router, server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(address: .hostname(address, port: port)),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? port) },
            logger: logger.quiet)
        listener = Listener(base: application, address: address, port: port)
    }

    /// Serves until the shutdown.
    /// - Throws: `WebServer.Refusal` where it cannot listen.
    public func run() async throws { try await listener.run() }
}
