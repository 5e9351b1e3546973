import ArgumentParser
import Casework
import Foundation
import Postgres
import Tenancy

/// `waymark secrets`: the keys by which stored secrets are encrypted.
struct Secrets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets", abstract: "Make keys for stored secrets, and bring all secrets under the newest one.",
        discussion: Setting.help([.secretKeys] + Setting.operating),
        subcommands: [SecretsNewKey.self, SecretsRotate.self, SecretsStatus.self])
}

/// `waymark secrets new-key`
struct SecretsNewKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new-key",
        abstract: "Add a key to the file of keys, which is made where it is missing, readable by its owner alone.",
        discussion: """
            The new key comes first: it seals, the others only open. Servers read the file when they start. Where several \
            servers run, give all of them the key with --spare first; once they have started with it, move its line to the top.
            """)

    @OptionGroup(title: "Configuration") var file: ConfigurationFile
    @Option(help: ArgumentHelp(Setting.secretKeys.file.help, valueName: "path")) var secretKeysFile: String?
    @Flag(help: "Add it last: it opens, and does not seal yet.") var spare = false
    @Flag(help: "Print JSON.") var json = false

    private struct Report: Encodable {
        let key: String
        let file: String
    }

    func run() async throws {
        var settings = try await Settings(
            options: ["secretKeysFile": secretKeysFile].compactMapValues { $0 }, file: file.path)
        let path = settings.required(.secretKeys.file)
        try settings.check()
        let key = try SecretKey.random()
        try SecretKeysFile(path: path).add(key, asSpare: spare)
        if json { return try Output.json(Report(key: key.id, file: path)) }
        Output.line("Key \(key.id) is in \(path). Keep a copy of the file apart from backups of the database.")
        Output.line(
            spare
                ? "Restart all servers, move the key's line to the top, and restart them once more."
                : "Restart the server; then waymark secrets rotate brings what is under older keys under it.")
    }
}

/// What the commands take that look into the institutions.
struct SecretsOptions: ParsableArguments {
    @OptionGroup var options: OperatorOptions
    @Option(help: ArgumentHelp(Setting.secretKeys.file.help, valueName: "path")) var secretKeysFile: String?
    @Flag(help: "Print JSON.") var json = false

    /// - Throws: `Failure` where no keys are given, or something is wrong with them.
    func keys() async throws -> SecretKeys {
        var values = options.values
        values["secretKeysFile"] = secretKeysFile
        var settings = try await Settings(options: values, file: options.file.path)
        let keys = settings.keys(.secretKeys)
        try settings.check()
        guard let keys else {
            throw Failure(
                "secretKeys is missing: give \(Setting.secretKeys.file.option) or \(Setting.secretKeys.file.environment);"
                    + " waymark secrets new-key makes such a file")
        }
        return keys
    }
}

/// Under which keys the stored secrets are.
struct SecretsReport: Encodable {
    struct Key: Encodable {
        let key: String
        /// `newest`, `older`, or `missing`: in no line of the file.
        let state: String
        let secrets: Int
    }

    /// Those sealed anew by this run.
    let renewed: Int
    /// The newest key first.
    let keys: [Key]

    init(renewed: Int, counts: [String: Int], keys: SecretKeys) {
        self.renewed = renewed
        let known = keys.keys.map(\.id)
        self.keys =
            known.map { Key(key: $0, state: $0 == keys.newest ? "newest" : "older", secrets: counts[$0] ?? 0) }
            + counts.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }
            .map { Key(key: $0.key, state: "missing", secrets: $0.value) }
    }

    /// Secrets that are not under the newest key.
    var left: Int { keys.filter { $0.state != "newest" }.reduce(0) { $0 + $1.secrets } }

    func show() {
        var table = Table("key", "state", "secrets")
        for key in keys { table.add([key.key, key.state, String(key.secrets)]) }
        table.show(empty: "No keys.")
    }
}

/// `waymark secrets rotate`
struct SecretsRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Encrypt all institutions' secrets by the newest key. It may be broken off and begun again.")

    @OptionGroup var secrets: SecretsOptions

    func run() async throws {
        let keys = try await secrets.keys()
        let report = try await Operator.run(conninfo: try await secrets.options.conninfo()) { migrator in
            let renewals = try await migrator.institutions().map {
                SecretRenewal(work: migrator.work(in: $0), columns: SealedColumn.all)
            }
            var outdated = 0
            for renewal in renewals {
                outdated += try await renewal.counts().reduce(0) { $0 + ($1.key == keys.newest ? 0 : $1.value) }
            }
            let bar = ProgressBar("Encrypting", total: outdated)
            defer { bar.finish() }
            var renewed = 0
            for renewal in renewals { renewed += try await renewal(keys) { bar.step() } }
            return SecretsReport(renewed: renewed, counts: try await renewals.counts(), keys: keys)
        }
        if secrets.json {
            try Output.json(report)
        } else {
            Output.line("\(report.renewed) secrets are under \(keys.newest) now, \(report.left) are left under others.")
            report.show()
        }
        guard report.left == 0 else {
            throw Failure(
                "\(report.left) secrets stay under other keys: the keys that are given do not open them, "
                    + "or a server seals by an older one still (restart it, then run this again)")
        }
    }
}

/// `waymark secrets status`
struct SecretsStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say how many secrets are under which key. A key without secrets can go.")

    @OptionGroup var secrets: SecretsOptions

    func run() async throws {
        let keys = try await secrets.keys()
        let report = try await Operator.run(conninfo: try await secrets.options.conninfo()) { migrator in
            let renewals = try await migrator.institutions().map {
                SecretRenewal(work: migrator.work(in: $0), columns: SealedColumn.all)
            }
            return SecretsReport(renewed: 0, counts: try await renewals.counts(), keys: keys)
        }
        secrets.json ? try Output.json(report) : report.show()
    }
}

extension [SecretRenewal] {
    fileprivate func counts() async throws -> [String: Int] {
        var sum: [String: Int] = [:]
        for renewal in self { sum.merge(try await renewal.counts(), uniquingKeysWith: +) }
        return sum
    }
}
