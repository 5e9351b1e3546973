import Casework
import Events
import Hummingbird
import Logging
import NIOCore
import Postgres
import ServiceLifecycle
import Tenancy
import Web

/// A real `WebServer` on a free loopback port, for as long as a closure runs.
package struct RunningServer: Sendable {
    /// Its port.
    package let port: Int
    /// The port of its `/metrics`.
    package let metricsPort: Int
    /// Its certificate's files.
    package let certificate: TestCertificate
    /// What it logs.
    package let log: LogBook
    /// What it counts.
    package let metrics: PrometheusRegistry
    /// Ask it to stop: `triggerGracefulShutdown()`.
    package let group: ServiceGroup

    /// A site that needs no database: its pool points nowhere.
    package static func detachedSite(log: LogBook, observers: Observers = .none) -> Site {
        var pool = Pool.Configuration(conninfo: "postgresql://127.0.0.1:1/nowhere")
        pool.waitTimeout = .milliseconds(200)
        return site(Deployment(.init(pool: pool)), log: log, observers: observers)
    }

    /// A site over a deployment.
    package static func site(
        _ deployment: Deployment, log: LogBook, observers: Observers = .none,
        passwords: PasswordHasher = PasswordHasher(cost: .weak), signIns: SignInClients? = nil
    ) -> Site {
        let observation = Observation(logger: log.logger)
        return Site(
            deployment: deployment, passwords: passwords, domain: "localhost", logger: log.logger,
            observers: Observers([{ observation.observers.tell($0) }, { observers.tell($0) }]), signIns: signIns,
            metrics: observation.metrics)
    }

    /// Serves while `body` runs, then shuts down gracefully.
    /// - Parameters:
    ///   - deployment: the database; nil for none.
    ///   - observers: told of what happens, besides its log and metrics.
    ///   - passwords: hashes and checks passwords.
    ///   - signIns: the clients that try to sign in.
    ///   - proxies: believed by it.
    ///   - names: hosts its certificate names one by one.
    ///   - configure: changes limits before it starts.
    ///   - routes: adds routes to the server's own.
    package static func with<Result: Sendable>(
        deployment: Deployment? = nil, observers: Observers = .none,
        passwords: PasswordHasher = PasswordHasher(cost: .weak), signIns: SignInClients? = nil,
        proxies: TrustedProxies = .none, names: [String] = [],
        configure: (inout WebServer.Configuration) -> Void = { _ in },
        routes: (Router<SiteContext>) -> Void = { _ in }, _ body: (RunningServer) async throws -> Result
    ) async throws -> Result {
        let certificate = try TestCertificate(names: names)
        defer { certificate.remove() }
        let log = LogBook()
        var site =
            deployment.map {
                Self.site($0, log: log, observers: observers, passwords: passwords, signIns: signIns)
            } ?? detachedSite(log: log, observers: observers)
        site.proxies = proxies
        let (ports, running) = AsyncStream<(Int, Bool)>.makeStream()
        var configuration = WebServer.Configuration(
            address: "127.0.0.1", port: 0,
            tls: TLS(certificatePath: certificate.certificatePath, keyPath: certificate.keyPath))
        configuration.metrics = ("127.0.0.1", 0)
        configuration.onMetricsRunning = { running.yield(($0, true)) }
        configure(&configuration)
        let router = try WebServer.router(site: site, kit: PageKit())
        routes(router)
        let server = try WebServer(site: site, configuration: configuration, router: router) {
            running.yield(($0, false))
        }
        let group = ServiceGroup(
            services: [server], logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() })
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { running.finish() }
                try await group.run()
            }
            var port = 0
            var metricsPort = 0
            for await (number, isMetrics) in ports {
                if isMetrics { metricsPort = number } else { port = number }
                if port > 0, metricsPort > 0 || configuration.metrics == nil { break }
            }
            guard port > 0 else {
                try await tasks.waitForAll()
                throw CancellationError()
            }
            let result = try await body(
                RunningServer(
                    port: port, metricsPort: metricsPort, certificate: certificate, log: log,
                    metrics: site.metrics, group: group))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        }
    }
}
