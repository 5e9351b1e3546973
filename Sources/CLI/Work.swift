import ArgumentParser
import Foundation
import Logging
import Outgoing
import Postgres
import ServiceLifecycle
import Tenancy
import Web

/// `waymark work`: background work of all institutions, for deployments whose servers leave it to others (`worker` false).
/// One process is enough; several do no harm.
struct Work: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Do background work until SIGTERM or Ctrl-C: send mail, fetch rosters, take in files, sweep out what has expired, end overlong reports.",
        discussion: Setting.help(Setting.working))

    @OptionGroup var file: ConfigurationFile
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var mail: MailOptions
    @OptionGroup var outgoing: OutgoingOptions
    @Option(help: ArgumentHelp("File that holds databasePassword.", valueName: "path")) var databasePasswordFile:
        String?
    @Option(help: ArgumentHelp(Setting.domain.help)) var domain: String?
    @Option(help: ArgumentHelp(Setting.partitions.help)) var partitions: String?
    @Option(help: ArgumentHelp(Setting.pooler.help)) var pooler: String?
    @Option(help: ArgumentHelp(Setting.secretKeys.file.help, valueName: "path")) var secretKeysFile: String?
    @Option(help: ArgumentHelp(Setting.importFolder.help, valueName: "path")) var importFolder: String?
    @Option(help: ArgumentHelp(Setting.metricsAddress.help)) var metricsAddress: String?
    @Option(help: ArgumentHelp(Setting.workMetricsPort.help)) var workMetricsPort: String?
    @Option(help: ArgumentHelp(Setting.logLevel.help)) var logLevel: String?
    @Flag(help: "Do what is due once, then end.") var once = false

    func run() async throws {
        let own: [String: String?] = [
            "databasePasswordFile": databasePasswordFile, "partitions": partitions, "pooler": pooler, "domain": domain,
            "secretKeysFile": secretKeysFile, "importFolder": importFolder, "metricsAddress": metricsAddress,
            "workMetricsPort": workMetricsPort, "logLevel": logLevel,
        ]
        var settings = try await Settings(
            options: own.merging(database.values) { $1 }.merging(mail.values) { $1 }.merging(outgoing.values) { $1 }
                .compactMapValues { $0 },
            file: file.path)
        let database = settings.required(.databaseURL)
        let password = settings.text(.databasePassword)
        let partitions = settings.numbers(.partitions)
        let isBehindPooler = settings.flag(.pooler)
        let logger = Logger.json("waymark", level: settings.level(.logLevel))
        let metricsAddress = settings.required(.metricsAddress)
        let metricsPort = settings.number(.workMetricsPort, in: 0...65_535)
        let mail = MailPlan(&settings)
        let outgoing = settings.outgoing()
        let keys = settings.keys(.secretKeys)
        let folder = settings.text(.importFolder)
        try settings.check()
        // every partition's login has the same password; the deployment fills in the user
        var pool = Pool.Configuration(
            conninfo: Conninfo(database).with(user: "waymark_app_\(partitions[0])", password: password))
        pool.applicationName = "waymark work"
        pool.isBehindPooler = isBehindPooler
        var configuration = Deployment.Configuration(pool: pool)
        configuration.partitions = partitions
        let observation = Observation(logger: logger)
        let work = try BackgroundWork(
            BackgroundPlan(
                database: configuration, mail: mail, outgoing: outgoing, secretKeys: keys, importFolder: folder),
            observers: observation.observers)
        if once { return try await work.once() }
        let presence = Presence(.work, database: configuration, observers: observation.observers)
        let watch = JobWatch(database: configuration, observers: observation.observers, sendsMail: mail != nil)
        JobFigures.add(of: watch, work, to: observation.metrics)
        var services: [any Service] = [observation.log, presence, watch]
        if metricsPort > 0 {
            services.append(
                MetricsServer(
                    metrics: observation.metrics, address: metricsAddress, port: metricsPort, logger: logger))
        }
        ServiceNotice.ready.send()
        try await presence.during { [services] in
            try await ServiceRunner.run(services + work.services)
        }
    }
}
