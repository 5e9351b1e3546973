import Logging
import ServiceLifecycle
import UnixSignals

/// Runs services until one of them ends, or until SIGINT or SIGTERM asks them to.
enum ServiceRunner {
    /// - Throws: what a service throws; nothing when they were asked to stop.
    static func run(_ services: [any Service], patience: Duration = .seconds(30)) async throws {
        var configuration = ServiceGroupConfiguration(
            services: (services + [StoppingNotice()]).map {
                .init(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .cancelGroup)
            }, gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() })
        configuration.maximumGracefulShutdownDuration = patience
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Says that the others are about to end. The last one is asked first.
    private struct StoppingNotice: Service {
        func run() async throws {
            try await gracefulShutdown()
            ServiceNotice.stopping.send()
        }
    }
}
