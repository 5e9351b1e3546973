import ArgumentParser
import Casework
import Foundation
import Logging
import Outgoing
import Postgres
import ServiceLifecycle
import Tenancy
import Web

/// `waymark serve`: the HTTPS server.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve pages and API over HTTPS until SIGTERM or Ctrl-C, then let requests in flight finish.",
        discussion: Setting.help(Setting.serving))

    @OptionGroup var file: ConfigurationFile
    @OptionGroup var options: ServeOptions

    func run() async throws {
        CrashReport.keepShort()
        signal(SIGPIPE, SIG_IGN)
        let plan = try await ServePlan(options: options.values, file: file.path)
        let logger = Logger.json("waymark", level: plan.logLevel)
        try await plan.inspectDatabase(logger: logger)
        try PortCheck.requireFree(address: plan.address, port: plan.port)
        try await ServiceRunner.run([ServeService(plan: plan, logger: logger)])
    }
}

/// What the configuration of `serve` comes to.
struct ServePlan: Sendable {
    let database: String
    let databasePassword: String?
    let partitions: [Int]
    let connections: Int
    let statementTimeout: Int
    let isBehindPooler: Bool
    let address: String
    let port: Int
    let domain: String
    let proxies: TrustedProxies
    let certificate: String
    let key: String
    let metricsAddress: String
    let metricsPort: Int
    let passwordWorkers: Int
    let passwordWait: Int
    let logLevel: Logger.Level
    let allowsOutdatedServer: Bool
    let works: Bool
    let scanner: ClamdScanner.Address?
    private let mail: MailPlan?
    private let outgoing: HTTPSClient.Configuration
    private let secretKeys: SecretKeys?
    private let importFolder: String?

    /// - Throws: `Failure` naming every problem at once.
    init(options: [String: String], file: String?) async throws {
        var settings = try await Settings(options: options, file: file)
        database = settings.required(.databaseURL)
        databasePassword = settings.text(.databasePassword)
        partitions = settings.numbers(.partitions)
        connections = settings.number(.connections, in: 1...1_000)
        statementTimeout = settings.number(.statementTimeout, in: 1...3_600)
        isBehindPooler = settings.flag(.pooler)
        address = settings.required(.address)
        port = settings.number(.port, in: 0...65_535)
        domain = settings.required(.domain)
        proxies = TrustedProxies(settings.blocks(.trustedProxies))
        certificate = settings.required(.certificate)
        key = settings.required(.key)
        metricsAddress = settings.required(.metricsAddress)
        metricsPort = settings.number(.metricsPort, in: 0...65_535)
        passwordWorkers = settings.number(.passwordWorkers, in: 1...64)
        passwordWait = settings.number(.passwordWait, in: 1...30)
        logLevel = settings.level(.logLevel)
        allowsOutdatedServer = settings.flag(.allowOutdatedServer)
        works = settings.flag(.worker)
        mail = MailPlan(&settings)
        outgoing = settings.outgoing()
        scanner = settings.scanner(.virusScanner)
        secretKeys = settings.keys(.secretKeys)
        importFolder = settings.text(.importFolder)
        for (name, path) in [("certificate", certificate), ("key", key)] where !path.isEmpty {
            if !FileManager.default.isReadableFile(atPath: path) { settings.refuse("\(name): cannot read \(path)") }
        }
        try settings.check()
    }

    /// Connection string of a partition's login.
    func conninfo(partition: Int) -> String {
        Conninfo(database).with(user: "waymark_app_\(partition)", password: databasePassword)
    }

    /// The service's pools.
    var deployment: Deployment.Configuration {
        // every partition's login has the same password; the deployment fills in the user
        var pool = Pool.Configuration(conninfo: conninfo(partition: partitions[0]))
        pool.size = connections
        pool.statementTimeout = .seconds(statementTimeout)
        pool.isBehindPooler = isBehindPooler
        pool.applicationName = "waymark serve"
        var configuration = Deployment.Configuration(pool: pool)
        configuration.partitions = partitions
        return configuration
    }

    /// What is done beside serving, or left to others.
    var background: BackgroundPlan {
        BackgroundPlan(
            database: deployment, mail: mail, outgoing: outgoing, secretKeys: secretKeys, importFolder: importFolder)
    }

    /// Refuses a server without the row-security fixes, and says which dangerous privileges are open.
    /// - Throws: `Failure` where the database is out of reach or outdated.
    func inspectDatabase(logger: Logger) async throws {
        let connection: Connection
        do {
            connection = try await Connection.connect(
                conninfo: conninfo(partition: partitions[0]), connectTimeout: .seconds(10))
        } catch let error as PostgresError {
            throw Failure("database \(Conninfo(database).place) out of reach: \(error.message)")
        }
        do {
            try await inspect(connection, logger: logger)
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    private func inspect(_ connection: Connection, logger: Logger) async throws {
        if let problem = ServerVersion(connection.serverVersion).outdated {
            guard allowsOutdatedServer else { throw Failure("\(problem), or give --allow-outdated-server") }
            logger.warning("outdated database server", metadata: ["problem": "\(problem)"])
        }
        let open = try await DangerousPrivileges.open(over: connection)
        if !open.isEmpty {
            logger.warning(
                "privileges are open that cluster/roles.sql revokes; run waymark migrate --superuser-url, see waymark doctor",
                metadata: ["open": .array(open.map { "\($0)" })])
        }
    }
}

/// The server as a service, with its pools.
struct ServeService: Service {
    let plan: ServePlan
    let logger: Logger

    func run() async throws {
        let observation = Observation(logger: logger)
        var database = plan.deployment
        database.pool.observers = observation.observers
        let deployment = Deployment(database)
        var site = Site(
            deployment: deployment,
            passwords: PasswordHasher(
                workers: plan.passwordWorkers, waitLimit: .seconds(plan.passwordWait),
                observers: observation.observers),
            domain: plan.domain, logger: logger, observers: observation.observers, metrics: observation.metrics)
        site.proxies = plan.proxies
        site.sendsMail = plan.background.mail != nil
        site.watchesFolder = plan.background.importFolder != nil
        site.outgoing = HTTPSClient(plan.background.outgoing)
        site.secretKeys = plan.background.secretKeys
        site.scanner = plan.scanner.map { ClamdScanner($0, observers: observation.observers) }
        var configuration = WebServer.Configuration(
            address: plan.address, port: plan.port,
            tls: TLS(certificatePath: plan.certificate, keyPath: plan.key))
        if plan.metricsPort > 0 { configuration.metrics = (plan.metricsAddress, plan.metricsPort) }
        do {
            let server = try WebServer(site: site, configuration: configuration) { port in
                logger.notice("listening", metadata: ["address": "\(plan.address)", "port": .stringConvertible(port)])
                ServiceNotice.ready.send()
            }
            let presence = Presence(
                .serve, database: plan.deployment, observers: observation.observers,
                slowest: { [pace = site.pace] in pace.slowest() })
            try await presence.during {
                try await serve(server, beside: try background(observation) + [presence])
            }
        } catch {
            await deployment.close()
            throw PortCheck.explain(error, address: plan.address, port: plan.port)
        }
        await deployment.close()
        logger.notice("stopped")
    }

    /// What runs beside the server: the events' log and, unless others do it, the background work.
    private func background(_ observation: Observation) throws -> [any Service] {
        let watch = JobWatch(
            database: plan.deployment, observers: observation.observers, sendsMail: plan.background.mail != nil)
        let work = plan.works ? try BackgroundWork(plan.background, observers: observation.observers) : nil
        JobFigures.add(of: watch, work, to: observation.metrics)
        return [observation.log, watch] + (work?.services ?? [])
    }

    /// Serves until the shutdown, and ends the others with the server.
    private func serve(_ server: WebServer, beside services: [any Service]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            try await server.run()
            group.cancelAll()
        }
    }
}
