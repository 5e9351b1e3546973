import ArgumentParser

/// The configuration file, for every command that reads configuration.
struct ConfigurationFile: ParsableArguments {
    @Option(name: .customLong("config"), help: "YAML file with configuration (WAYMARK_CONFIG).")
    var path: String?
}

/// Where the database is.
struct DatabaseOptions: ParsableArguments {
    @Option(name: .customLong("database-url"), help: ArgumentHelp(Setting.databaseURL.help, valueName: "url"))
    var databaseURL: String?
    @Option(
        name: .customLong("database-url-file"), help: ArgumentHelp(Setting.databaseURL.file.help, valueName: "path"))
    var databaseURLFile: String?

    var values: [String: String?] { ["databaseUrl": databaseURL, "databaseUrlFile": databaseURLFile] }
}

/// How mail leaves.
struct MailOptions: ParsableArguments {
    @Option(help: ArgumentHelp(Setting.mailServer.help, valueName: "url")) var mailServer: String?
    @Option(help: ArgumentHelp(Setting.mailUser.help)) var mailUser: String?
    @Option(help: ArgumentHelp("File that holds mailPassword.", valueName: "path")) var mailPasswordFile: String?
    @Option(help: ArgumentHelp(Setting.mailSender.help, valueName: "address")) var mailSender: String?
    @Option(help: ArgumentHelp(Setting.mailAuthority.help, valueName: "path")) var mailAuthority: String?
    @Option(help: ArgumentHelp(Setting.publicPort.help)) var publicPort: String?

    var values: [String: String?] {
        [
            "mailServer": mailServer, "mailUser": mailUser, "mailPasswordFile": mailPasswordFile,
            "mailSender": mailSender, "mailAuthority": mailAuthority, "publicPort": publicPort,
        ]
    }
}

/// Where requests to other servers may go.
struct OutgoingOptions: ParsableArguments {
    @Option(help: ArgumentHelp(Setting.allowedDestinations.help)) var allowedDestinations: String?
    @Option(help: ArgumentHelp(Setting.outgoingAuthority.help, valueName: "path")) var outgoingAuthority: String?

    var values: [String: String?] {
        ["allowedDestinations": allowedDestinations, "outgoingAuthority": outgoingAuthority]
    }
}

/// What `serve` takes from the command line. The keys are those of `Setting.serving`.
struct ServeOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var mail: MailOptions
    @OptionGroup var outgoing: OutgoingOptions
    @Option(help: ArgumentHelp("File that holds databasePassword.", valueName: "path")) var databasePasswordFile:
        String?
    @Option(help: ArgumentHelp(Setting.partitions.help)) var partitions: String?
    @Option(help: ArgumentHelp(Setting.connections.help)) var connections: String?
    @Option(help: ArgumentHelp(Setting.statementTimeout.help)) var statementTimeout: String?
    @Option(help: ArgumentHelp(Setting.pooler.help)) var pooler: String?
    @Option(help: ArgumentHelp(Setting.address.help)) var address: String?
    @Option(help: ArgumentHelp(Setting.port.help)) var port: String?
    @Option(help: ArgumentHelp(Setting.domain.help)) var domain: String?
    @Option(help: ArgumentHelp(Setting.trustedProxies.help)) var trustedProxies: String?
    @Option(help: ArgumentHelp(Setting.certificate.help)) var certificate: String?
    @Option(help: ArgumentHelp(Setting.key.help)) var key: String?
    @Option(help: ArgumentHelp(Setting.metricsAddress.help)) var metricsAddress: String?
    @Option(help: ArgumentHelp(Setting.metricsPort.help)) var metricsPort: String?
    @Option(help: ArgumentHelp(Setting.passwordWorkers.help)) var passwordWorkers: String?
    @Option(help: ArgumentHelp(Setting.passwordWait.help)) var passwordWait: String?
    @Option(help: ArgumentHelp(Setting.worker.help)) var worker: String?
    @Option(help: ArgumentHelp(Setting.virusScanner.help)) var virusScanner: String?
    @Option(help: ArgumentHelp(Setting.secretKeys.file.help, valueName: "path")) var secretKeysFile: String?
    @Option(help: ArgumentHelp(Setting.importFolder.help, valueName: "path")) var importFolder: String?
    @Option(help: ArgumentHelp(Setting.logLevel.help)) var logLevel: String?
    @Flag(help: ArgumentHelp(Setting.allowOutdatedServer.help)) var allowOutdatedServer = false

    var values: [String: String] {
        let own: [String: String?] = [
            "databasePasswordFile": databasePasswordFile, "partitions": partitions, "connections": connections,
            "statementTimeout": statementTimeout, "pooler": pooler, "address": address, "port": port, "domain": domain,
            "trustedProxies": trustedProxies, "certificate": certificate, "key": key, "metricsAddress": metricsAddress,
            "metricsPort": metricsPort, "passwordWorkers": passwordWorkers, "passwordWait": passwordWait,
            "worker": worker, "virusScanner": virusScanner, "secretKeysFile": secretKeysFile,
            "importFolder": importFolder,
            "logLevel": logLevel, "allowOutdatedServer": allowOutdatedServer ? "true" : nil,
        ]
        return own.merging(database.values) { $1 }.merging(mail.values) { $1 }.merging(outgoing.values) { $1 }
            .compactMapValues { $0 }
    }
}

/// What operator commands take: the database and the migrator's password.
struct OperatorOptions: ParsableArguments {
    @OptionGroup(title: "Configuration") var file: ConfigurationFile
    @OptionGroup(title: "Configuration") var database: DatabaseOptions
    @Option(help: ArgumentHelp("File that holds migratorPassword.", valueName: "path")) var migratorPasswordFile:
        String?

    var values: [String: String] {
        database.values.merging(["migratorPasswordFile": migratorPasswordFile]) { $1 }.compactMapValues { $0 }
    }

    /// The migrator's connection string.
    /// - Throws: `Failure` naming all that is missing.
    func conninfo() async throws -> String {
        var settings = try await Settings(options: values, file: file.path)
        let database = settings.required(.databaseURL)
        let password = settings.text(.migratorPassword)
        try settings.check()
        return Conninfo(database).with(user: "waymark_migrator", password: password)
    }
}
