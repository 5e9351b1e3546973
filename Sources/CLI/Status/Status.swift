import ArgumentParser
import Foundation
import Tenancy

/// `waymark status`: how the deployment does, on one screen.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "How the deployment does: database, servers, institutions, background work, mail, certificate.",
        discussion: """
            Each institution notes its figures every quarter of an hour, each server once a minute that it is there and which
            institutions were slowest of late, so they are that old. waymark doctor says what is wrong and what to do about it.
            """ + "\n\n" + Setting.help(Setting.operating + [.certificate, .importFolder]))

    @OptionGroup var options: OperatorOptions
    @Option(help: ArgumentHelp(Setting.certificate.help)) var certificate: String?
    @Option(help: ArgumentHelp(Setting.importFolder.help, valueName: "path")) var importFolder: String?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        var values = options.values
        values["certificate"] = certificate
        values["importFolder"] = importFolder
        var settings = try await Settings(options: values, file: options.file.path)
        let certificate = settings.text(.certificate)
        let folder = FolderExamination(path: settings.text(.importFolder))
        let conninfo = try await options.conninfo()
        let overview = try await Operator.run(conninfo: conninfo) { try await $0.deploymentOverview() }
        let lines = StatusLines(overview, certificate: certificate, folder: folder).all
        if json {
            return try Output.json(
                StatusDocument(
                    lines: Dictionary(lines) { first, _ in first }, servers: StatusServers(overview.servers),
                    slowest: StatusPace(overview)))
        }
        let parts =
            lines.map { ($0, [$1]) }
            + [("servers", StatusServers(overview.servers).lines), ("slowest", StatusPace(overview).lines)]
        let width = parts.map(\.0.count).max() ?? 0
        for (name, texts) in parts {
            for (index, text) in texts.enumerated() {
                let begin = index == 0 ? name : ""
                Output.line(begin + String(repeating: " ", count: width - begin.count + 2) + text)
            }
        }
    }
}

/// The lines of `waymark status`.
struct StatusLines {
    private let overview: DeploymentOverview
    private let certificate: String?
    private let folder: FolderExamination
    private let now: Date

    init(_ overview: DeploymentOverview, certificate: String?, folder: FolderExamination, now: Date = Date()) {
        self.overview = overview
        self.certificate = certificate
        self.folder = folder
        self.now = now
    }

    /// Each line's name and text.
    var all: [(String, String)] {
        [
            ("database", database), ("programs", programs), ("institutions", institutions), ("schemas", schemas),
            ("background", background), ("mail", mail), ("folders", folder.finding().found), ("figures", figures),
            ("largest", largest),
            ("certificate", CertificateExamination.validity(of: certificate, now: now).found),
        ]
    }

    private var database: String {
        let used = overview.connections.reduce(0) { $0 + $1.count }
        return "PostgreSQL \(ServerVersion(overview.serverVersion)), up for \(Table.span(overview.upSeconds)), "
            + "\(used) of \(overview.connectionLimit) connections"
    }

    private var programs: String {
        overview.connections.map { "\($0.program) \($0.count)" }.joined(separator: ", ")
    }

    private var institutions: String {
        let states = Dictionary(grouping: overview.institutions, by: \.institution.state).mapValues(\.count)
        let counts = states.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let students = overview.institutions.reduce(0) { $0 + ($1.students ?? 0) }
        return (counts.isEmpty ? ["none yet"] : counts + ["\(students) students"]).joined(separator: ", ")
    }

    private var schemas: String {
        overview.pending == 0 ? "all current" : "\(overview.pending) not current: run waymark migrate"
    }

    /// A worker looks every five seconds, so what has been due for a minute waits for something else.
    private var background: String {
        let late = active.filter { $0.behind > 60 }.sorted { $0.behind > $1.behind }
        guard let first = late.first else { return "nothing is late" }
        return "late for \(late.count), most for \(first.institution.slug) (\(Table.span(first.behind)))"
    }

    private var mail: String {
        let waiting = overview.institutions.reduce(0) { $0 + ($1.mailsWaiting ?? 0) }
        let failed = overview.institutions.filter { ($0.mailsFailed ?? 0) > 0 }
        let count = failed.reduce(0) { $0 + ($1.mailsFailed ?? 0) }
        let names = failed.sorted { ($0.mailsFailed ?? 0) > ($1.mailsFailed ?? 0) }.prefix(5)
            .map { "\($0.institution.slug) \($0.mailsFailed ?? 0)" }
        return "\(waiting) waiting, \(count) failed" + (names.isEmpty ? "" : " (\(names.joined(separator: ", ")))")
    }

    private var figures: String {
        let ages = active.map { $0.notedAt.map { now.timeIntervalSince($0) } }
        guard !ages.isEmpty else { return "none" }
        let without = ages.count { $0 == nil }
        let oldest = ages.compactMap { $0 }.max().map { "the oldest noted \(Table.span(Int($0.rounded()))) ago" }
        return [oldest, without > 0 ? "\(without) institutions have noted none yet" : nil].compactMap { $0 }
            .joined(separator: ", ")
    }

    private var largest: String {
        let sizes = overview.institutions.compactMap { one in one.bytes.map { (one.institution.slug, $0) } }
        let shown = sizes.sorted { $0.1 > $1.1 }.prefix(5).map { "\($0.0) \(InstitutionList.size($0.1))" }
        return shown.isEmpty ? "not known yet" : shown.joined(separator: ", ")
    }

    private var active: [InstitutionOverview] { overview.institutions.filter { $0.institution.state == "active" } }
}
