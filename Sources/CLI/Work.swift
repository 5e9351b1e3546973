import ArgumentParser
import Foundation
import Logging
import Postgres
import ServiceLifecycle
import Tenancy

/// `waymark work`: background work of all institutions. One process is enough; several do no harm.
struct Work: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Do background work until SIGTERM or Ctrl-C: sweep out expired sessions, keys and attempts.",
        discussion: Setting.help(Setting.working))

    @OptionGroup var file: ConfigurationFile
    @OptionGroup var database: DatabaseOptions
    @Option(help: ArgumentHelp("File that holds databasePassword.", valueName: "path")) var databasePasswordFile:
        String?
    @Option(help: ArgumentHelp(Setting.partitions.help)) var partitions: String?
    @Option(help: ArgumentHelp(Setting.logLevel.help)) var logLevel: String?
    @Flag(help: "Do what is due once, then end.") var once = false

    func run() async throws {
        let own: [String: String?] = [
            "databasePasswordFile": databasePasswordFile, "partitions": partitions, "logLevel": logLevel,
        ]
        var settings = try await Settings(
            options: own.merging(database.values) { $1 }.compactMapValues { $0 }, file: file.path)
        let database = settings.required(.databaseURL)
        let password = settings.text(.databasePassword)
        let partitions = settings.numbers(.partitions)
        let logger = Logger.json("waymark", level: settings.level(.logLevel))
        try settings.check()
        // every partition's login has the same password; the deployment fills in the user
        var pool = Pool.Configuration(
            conninfo: Conninfo(database).with(user: "waymark_app_\(partitions[0])", password: password))
        pool.size = 1
        pool.applicationName = "waymark work"
        var configuration = Deployment.Configuration(pool: pool)
        configuration.partitions = partitions
        let sweeper = Sweeper(deployment: Deployment(configuration), logger: logger)
        if once { try await sweeper.sweepAll() } else { try await ServiceRunner.run(sweeper) }
        await sweeper.deployment.close()
    }
}

/// Removes what has expired, institution by institution, every few minutes. Row security lets the system role delete
/// exactly that and nothing else, so the statements need no condition of their own.
struct Sweeper: Service {
    let deployment: Deployment
    let logger: Logger
    var interval = Duration.seconds(300)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await sweepAll()
                } catch {
                    guard !Task.isCancelled else { return }
                    logger.error("sweeping failed, will try again", metadata: ["error": "\(Failure.line(for: error))"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// One round over all institutions.
    /// - Throws: `PostgresError` where they cannot be asked for; one institution's failure is logged.
    func sweepAll() async throws {
        for institution in try await deployment.institutions() {
            do {
                let (sessions, invitations, keys, attempts, files) = try await deployment.system(of: institution)(
                    SQL("delete from sessions").affected(), SQL("delete from invitations").affected(),
                    SQL("delete from idempotency_keys").affected(), SQL("delete from sign_in_attempts").affected(),
                    SQL("delete from milestone_files").affected())
                let total = sessions + invitations + keys + attempts + files
                if total > 0 {
                    logger.info(
                        "swept", metadata: ["institution": "\(institution.slug)", "rows": .stringConvertible(total)])
                }
            } catch {
                logger.error(
                    "sweeping failed",
                    metadata: ["institution": "\(institution.slug)", "error": "\(Failure.line(for: error))"])
            }
        }
    }
}
