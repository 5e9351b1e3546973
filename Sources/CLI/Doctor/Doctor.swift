import ArgumentParser
import Foundation
import Postgres
import Tenancy

/// `waymark doctor`: looks at everything a deployment needs, and says what is wrong and what to do.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Check database, roles, privileges, schemas, certificate, clock, mail, virus scanner, import folder and keys of secrets; exit 1 if anything is wrong.",
        discussion: Setting.help(Setting.serving + [.migratorPassword]))

    @OptionGroup var file: ConfigurationFile
    @OptionGroup var options: ServeOptions
    @Option(help: ArgumentHelp("File that holds migratorPassword.", valueName: "path")) var migratorPasswordFile:
        String?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        var values = options.values
        values["migratorPasswordFile"] = migratorPasswordFile
        var settings = try await Settings(options: values, file: file.path)
        let database = settings.required(.databaseURL)
        let password = settings.text(.databasePassword)
        let migratorPassword = settings.text(.migratorPassword)
        let partitions = settings.numbers(.partitions)
        let certificate = settings.text(.certificate)
        let key = settings.text(.key)
        let domain = settings.required(.domain)
        let sendsMail = MailPlan(&settings) != nil
        let scanner = settings.scanner(.virusScanner)
        let folder = FolderExamination(path: settings.text(.importFolder))
        let keys = SecretKeysExamination(keys: settings.keys(.secretKeys), path: settings.text(.secretKeys.file))
        try settings.check()

        var findings = [Self.library(LibraryVersion.number)]
        for partition in partitions {
            let login = "waymark_app_\(partition)"
            findings += await DatabaseExamination(
                conninfo: Conninfo(database).with(user: login, password: password), login: login,
                place: Conninfo(database).place, sendsMail: sendsMail
            ).findings()
        }
        findings.append(
            await Self.schemas(Conninfo(database).with(user: "waymark_migrator", password: migratorPassword)))
        findings += CertificateExamination(certificate: certificate, key: key, domain: domain).findings()
        findings.append(await ScannerExamination(address: scanner).finding())
        findings.append(folder.finding())
        findings.append(keys.finding())
        try show(findings)
    }

    /// Pipelines need libpq 14.
    static func library(_ number: Int) -> Finding {
        let version = ServerVersion(number)
        return number >= 140_000
            ? .good("libpq", "\(version)") : .bad("libpq", "\(version) knows no pipelines", "install libpq 14 or newer")
    }

    private static func schemas(_ conninfo: String) async -> Finding {
        do {
            let pending = try await Operator.run(conninfo: conninfo) { migrator in try await migrator.pending() }
            return pending == 0
                ? .good("schemas", "all current")
                : .bad("schemas", "\(pending) institutions are not current", "run waymark migrate")
        } catch {
            return .bad(
                "schemas", "cannot be checked: \(Failure.line(for: error))",
                "give migratorPassword, and run waymark migrate if the database is new")
        }
    }

    private func show(_ findings: [Finding]) throws {
        if json {
            try Output.json(findings)
        } else {
            for finding in findings {
                Output.line("\(finding.ok ? "ok   " : "WRONG") \(finding.check): \(finding.found)")
                if let advice = finding.advice { Output.line("      \(advice)") }
            }
        }
        let wrong = findings.filter { !$0.ok }.count
        guard wrong == 0 else { throw Failure("\(wrong) of \(findings.count) checks failed") }
    }
}

/// What one check came to.
struct Finding: Encodable, Equatable {
    let check: String
    let ok: Bool
    let found: String
    let advice: String?

    /// Nothing to do.
    static func good(_ check: String, _ found: String) -> Finding {
        Finding(check: check, ok: true, found: found, advice: nil)
    }

    /// Something is wrong.
    /// - Parameter advice: what to do about it.
    static func bad(_ check: String, _ found: String, _ advice: String) -> Finding {
        Finding(check: check, ok: false, found: found, advice: advice)
    }
}
