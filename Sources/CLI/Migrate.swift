import ArgumentParser
import Postgres
import Tenancy

/// `waymark migrate`: brings every institution's schema up to date, and prepares the cluster where asked to.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the database up to date: the platform first, then each institution.",
        discussion: """
            With --superuser-url (better: WAYMARK_SUPERUSER_URL_FILE) it first creates the database roles and the
            partitions' logins with the passwords given, and closes what PUBLIC must not do. That may run again.

            \(Setting.help(Setting.migrating))
            """)

    @OptionGroup var options: OperatorOptions
    @Option(name: .customLong("superuser-url"), help: ArgumentHelp(Setting.superuserURL.help, valueName: "url"))
    var superuserURL: String?
    @Option(
        name: .customLong("superuser-url-file"), help: ArgumentHelp(Setting.superuserURL.file.help, valueName: "path"))
    var superuserURLFile: String?
    @Option(help: ArgumentHelp("File that holds databasePassword.", valueName: "path"))
    var databasePasswordFile: String?
    @Option(help: ArgumentHelp(Setting.partitions.help))
    var partitions: String?
    @Option(help: "Institutions migrated at the same time.")
    var concurrency = 4
    @Flag(help: "Print each institution's outcome as JSON.")
    var json = false

    private struct Outcome: Encodable {
        let slug: String
        let applied: Int
        let failure: String?
    }

    func validate() throws {
        guard (1...64).contains(concurrency) else { throw ValidationError("--concurrency must be from 1 to 64") }
    }

    func run() async throws {
        let extra: [String: String?] = [
            "superuserUrl": superuserURL, "superuserUrlFile": superuserURLFile,
            "databasePasswordFile": databasePasswordFile, "partitions": partitions,
        ]
        var settings = try await Settings(
            options: options.values.merging(extra.compactMapValues { $0 }) { $1 }, file: options.file.path)
        let database = settings.text(.databaseURL)
        let superuser = settings.text(.superuserURL)
        let service = settings.text(.databasePassword)
        let migrator = settings.text(.migratorPassword)
        let partitions = settings.numbers(.partitions)
        if database == nil, superuser == nil { _ = settings.required(.databaseURL) }
        try settings.check()

        if let superuser {
            var passwords: [String: String] = [:]
            if let migrator { passwords["waymark_migrator"] = migrator }
            if let service {
                for partition in partitions { passwords["waymark_app_\(partition)"] = service }
            }
            try await Cluster.prepare(superuser: superuser, partitions: partitions, passwords: passwords)
            if !json { Output.line("The cluster is prepared.") }
        }
        guard let database else { return }
        try await migrate(Conninfo(database).with(user: "waymark_migrator", password: migrator))
    }

    private func migrate(_ conninfo: String) async throws {
        let outcomes = try await Operator.run(conninfo: conninfo, size: concurrency) { migrator in
            let bar = ProgressBar("Migrating", total: (try? await migrator.pending()) ?? 0)
            defer { bar.finish() }
            return try await migrator.migrate(concurrency: concurrency) { _ in bar.step() }
        }
        if json {
            try Output.json(outcomes.map { Outcome(slug: $0.slug, applied: $0.applied, failure: $0.failure) })
        } else {
            for outcome in outcomes where outcome.failure == nil {
                Output.line("\(outcome.slug): \(outcome.applied) changes applied")
            }
            if outcomes.isEmpty { Output.line("All institutions are current.") }
        }
        let failed = outcomes.filter { $0.failure != nil }
        guard failed.isEmpty else {
            throw Failure(
                "\(failed.count) of \(outcomes.count) institutions failed and stay as they were: "
                    + failed.map { "\($0.slug): \($0.failure ?? "")" }.joined(separator: "; "))
        }
    }
}
