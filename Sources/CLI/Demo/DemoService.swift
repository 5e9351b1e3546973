import Casework
import Events
import Foundation
import Logging
import Mail
import Outgoing
import Postgres
import PrivatePostgres
import ServiceLifecycle
import Tenancy
import Web

/// The demo from start to stop: private PostgreSQL, database, certificate, data, HTTPS server.
struct DemoService: Service {
    let directory: DemoDirectory
    let port: Int
    let reset: Bool
    let isEmpty: Bool
    let asJSON: Bool
    let logger: Logger

    /// The two institutions, the first of which is shown first.
    static let slugs = ["northfield", "lakeside"]

    func run() async throws {
        try PortCheck.requireFree(address: "127.0.0.1", port: port)
        if reset { try await startOver() }
        let place = try directory.serverDirectory()
        if place.isElsewhere {
            Output.notice(
                "waymark: PostgreSQL cannot enter \(directory.path) as its own user; its data is in \(place.path)")
        }
        let server = PrivateServer(directory: place.path)
        do {
            progress("starting PostgreSQL")
            let superuser = try await server.start()
            try await serve(superuser: superuser, on: server)
        } catch {
            await server.stop()
            if Task.isShuttingDownGracefully { return }  // what was interrupted has nothing to report
            throw error
        }
        await server.stop()
    }

    private func serve(superuser maintenance: String, on postgres: PrivateServer) async throws {
        let preparation = DemoPreparation(directory: directory, isEmpty: isEmpty, progress: progress)
        let prepared = try await preparation.prepare(maintenance: maintenance)
        guard !Task.isShuttingDownGracefully else { return }
        let authority = CertificateAuthority(directory: directory.path)
        try authority.prepare(names: Self.slugs.map { "\($0).localhost" })

        var pool = Pool.Configuration(conninfo: prepared.service)
        pool.applicationName = "waymark demo"
        let observation = Observation(logger: logger)
        pool.observers = observation.observers
        let deployment = Deployment(.init(pool: pool))
        var site = Site(
            deployment: deployment, passwords: PasswordHasher(observers: observation.observers), domain: "localhost",
            logger: logger,
            observers: observation.observers, metrics: observation.metrics)
        site.sendsMail = true
        site.watchesFolder = true
        site.secretKeys = try directory.secretKeys()
        // whoever tries single sign-on, or rosters, has the server on the same computer
        if let destinations = Destinations(allowing: ["http://localhost", "http://127.0.0.1"]) {
            site.outgoing = HTTPSClient(.init(destinations: destinations))
        }
        let rosters = RosterWorker(
            deployment: .small(.init(pool: pool), observers: observation.observers),
            .init(client: site.outgoing, keys: site.secretKeys), observers: observation.observers)
        for slug in Self.slugs {
            try FileManager.default.createDirectory(
                atPath: "\(directory.imports)/\(slug)", withIntermediateDirectories: true)
        }
        let folders = FolderWorker(
            deployment: .small(.init(pool: pool), observers: observation.observers), .init(path: directory.imports),
            observers: observation.observers)
        let greeting = DemoGreeting(
            state: prepared.state, certificate: authority.certificatePath, database: prepared.superuser,
            mail: directory.mail, imports: directory.imports)
        let (bound, running) = AsyncStream<Int>.makeStream()
        do {
            let server = try WebServer(
                site: site,
                configuration: .init(
                    address: "127.0.0.1", port: port,
                    tls: TLS(certificatePath: authority.serverCertificatePath, keyPath: authority.serverKeyPath)),
                onRunning: { port in
                    running.yield(port)
                    running.finish()
                    greeting.show(port: port, asJSON: asJSON)
                })
            async let _: Void = observation.log.run()
            async let _: Void = sendMail(pool, once: bound, observers: observation.observers)
            async let _: Void = rosters.run()
            async let _: Void = folders.run()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                group.addTask {
                    try await postgres.keepRunning { Output.notice("waymark: PostgreSQL has died; starting it again") }
                }
                try await group.next()
                group.cancelAll()
            }
        } catch {
            await deployment.close()
            throw PortCheck.explain(error, address: "127.0.0.1", port: port)
        }
        await deployment.close()
    }

    /// Mail becomes files, so that a newcomer sees it without a mail server.
    /// - Parameter ports: the one that the server listens on, which links in mail need; the system may have chosen it.
    private func sendMail(_ pool: Pool.Configuration, once ports: AsyncStream<Int>, observers: Observers) async throws {
        guard let port = await ports.first(where: { _ in true }) else { return }
        let worker = try MailWorker(
            deployment: .small(.init(pool: pool), observers: observers),
            .init(
                transport: DirectoryTransport(directory: directory.mail),
                sender: "reminders@{institution}.example",
                domain: "localhost", port: port), observers: observers)
        try await worker.run()
    }

    /// Stops a server an earlier demo left behind, and removes what it made.
    private func startOver() async throws {
        let place = try directory.serverDirectory()
        if FileManager.default.fileExists(atPath: place.path + "/data/postmaster.pid") {
            let leftover = PrivateServer(directory: place.path)
            if (try? await leftover.start()) != nil { await leftover.stop() }
        }
        directory.clear()
    }

    private func progress(_ step: String) {
        if !asJSON { Output.notice("waymark: \(step)") }
    }
}
