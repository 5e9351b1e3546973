import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Tenancy

/// `GET /metrics` on an address of its own: plain HTTP, because only the operator's collector reaches it.
enum MetricsServer {
    static func application(
        site: Site, address: String, port: Int, onRunning: @escaping @Sendable (Int) async -> Void
    ) -> some Service {
        let router = Router()
        router.get("/metrics") { _, _ in
            var response = Response.text(site.metrics.text())
            response.headers[.contentType] = "text/plain; version=0.0.4; charset=utf-8"
            return response
        }
        return Application(
            router: router, server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(address: .hostname(address, port: port)),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? port) },
            logger: site.quietLogger)
    }
}
