import ArgumentParser
import Foundation
import Tenancy

/// `waymark institution export`
struct InstitutionExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write all that an institution has into one file.",
        discussion: """
            The file is of one moment, whatever is written meanwhile. It has every row and every file of people, and the
            hashes of their passwords: keep it as you keep the database. It is lines of JSON, the last with checksums.
            """)

    @Argument(help: "The institution's slug.") var slug: String
    @Argument(help: "The file to write; it must not be there yet.") var file: String
    @OptionGroup var options: OperatorOptions

    func run() async throws {
        let size = try await Operator.run(options, in: slug) { migrator, institution in
            try await Self.write(institution, to: file, by: migrator)
        }
        Output.line("\(slug) is exported to \(file) (\(size.rows) rows, \(size.bytes) bytes).")
    }

    /// - Returns: how much it came to.
    static func write(
        _ institution: Institution, to file: String, by migrator: Migrator
    ) async throws -> (rows: Int, bytes: Int) {
        guard !FileManager.default.fileExists(atPath: file) else {
            throw Failure("\(file) is there already; name another file")
        }
        let draft = try PrivateFileDraft(for: file)
        var bar: ProgressBar?
        defer { bar?.finish() }
        var bytes = 0
        let head = try await migrator.export(institution) { done, total in
            let shown = bar ?? ProgressBar("Exporting", total: total)
            bar = shown
            shown.reach(done)
        } to: { lines in
            try draft.write(lines)
            bytes += lines.count
        }
        try draft.finish()
        return (head.rows, bytes)
    }
}

/// `waymark institution restore`
struct InstitutionRestore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make an institution of a file that waymark institution export wrote.",
        discussion: """
            The whole file is checked first. The institution is made in one transaction, brought up to this program's version,
            and stays suspended, for what waits in it is mailed as soon as it is resumed. Everybody signs in anew; API
            tokens are revoked.
            """)

    @Argument(help: "The file.") var file: String
    @Option(help: "The slug it gets; the exported institution's where nothing is said.") var slug: String?
    @Option(help: "The partition it goes into; the emptiest where nothing is said.") var partition: Int?
    @Flag(help: "Only check the file.") var check = false
    @OptionGroup var options: OperatorOptions

    func run() async throws {
        let export = try ExportFile(path: file)
        let head = export.head
        let checking = ProgressBar("Checking", total: head.rows)
        try export.check { checking.reach($0) }
        checking.finish()
        let about = "\(head.name) (\(head.slug)) of \(head.takenAt), \(head.rows) rows"
        guard !check else { return Output.line("\(file) is whole: \(about).") }
        let institution = try await Operator.run(conninfo: try await options.conninfo()) { migrator in
            let restoring = ProgressBar("Restoring", total: head.rows)
            defer { restoring.finish() }
            return try await migrator.restore(export, as: slug, partition: partition) { restoring.reach($0) }
        }
        Output.line(
            """
            \(institution.slug) is restored and suspended: \(about).
            What waits in it is mailed as soon as you let people in: waymark institution resume \(institution.slug)
            """)
    }
}
