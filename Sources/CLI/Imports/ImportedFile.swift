import ArgumentParser
import Casework
import Foundation
import Tenancy

/// A file of rows that a command takes in, and how it is read.
struct ImportedRows: ParsableArguments {
    @OptionGroup var source: ImportedFile
    @Option(help: "Its encoding: auto, utf-8, utf-16le, utf-16be or windows-1252.") var encoding = "auto"
    @Option(help: "What stands between two cells: auto, comma, semicolon or tab.") var delimiter = "auto"
    @Option(
        name: .customLong("column"),
        help: ArgumentHelp(
            "What a column of this file holds: its heading and a field, or nothing to leave it out. May be repeated.",
            discussion: """
                For example --column 'Correo=email' --column 'Notes='. Fields are \
                \(ImportField.allCases.map(\.rawValue).joined(separator: ", ")).
                """, valueName: "heading=field"))
    var columns: [ColumnOption] = []

    func validate() throws {
        guard encoding == "auto" || TextEncoding(rawValue: encoding) != nil else {
            throw ValidationError("--encoding must be auto, utf-8, utf-16le, utf-16be or windows-1252")
        }
        guard delimiter == "auto" || FileFormat.Delimiter(rawValue: delimiter) != nil else {
            throw ValidationError("--delimiter must be auto, comma, semicolon or tab")
        }
    }

    /// Takes a file in whose columns hold that, where it was said, and tells how many rows are done.
    typealias Take =
        @Sendable (UnitOfWork, ImportFile, [ImportField?]?, @escaping @Sendable (Int) -> Void) async throws ->
        ImportReport

    /// Reads the file, takes it in, and shows what became of it.
    /// - Parameter fields: what files of this kind may have.
    func run(_ options: OperatorOptions, for fields: [ImportField], take: @escaping Take) async throws {
        let (spool, lines) = try await source.read()
        let content = try await ImportFile(
            spool,
            FileFormat.Choice(
                encoding: TextEncoding(rawValue: encoding), delimiter: FileFormat.Delimiter(rawValue: delimiter)))
        let format = content.format
        try await source.run(
            options, lines: lines,
            note: " (read as \(format.encoding.rawValue), separated by \(format.delimiter.rawValue))"
        ) { [said = columns.map(\.meaning)] work, progress in
            let columns = try await ColumnRepository(work: work).columns(of: content, for: fields, said: said)
            return try await take(work, content, columns, progress)
        }
    }
}

/// What a column holds, as an option says it: `Correo=email`.
struct ColumnOption: ExpressibleByArgument {
    let meaning: ColumnMeaning

    /// Nil without a heading, and for what is no field.
    init?(argument: String) {
        guard let sign = argument.lastIndex(of: "=") else { return nil }
        let heading = argument[..<sign].trimmingCharacters(in: .whitespaces)
        let name = argument[argument.index(after: sign)...].trimmingCharacters(in: .whitespaces)
        let field = ImportField(rawValue: name)
        guard !heading.isEmpty, name.isEmpty || field != nil else { return nil }
        meaning = ColumnMeaning(heading, field)
    }
}

/// Whether people whom a file adds are invited.
struct ImportInvitation: ParsableArguments {
    @Flag(
        help:
            "Send whom the file adds a link by mail; it leaves from waymark serve or work, where mailServer is configured."
    )
    var invite = false

    /// What the ids of mails end with; nil where none is sent.
    func host(of institution: String) -> String? { invite ? institution : nil }
}

/// The file that a command takes in, and what is shown of it.
struct ImportedFile: ParsableArguments {
    @Argument(help: "The institution's slug.") var institution: String
    @Argument(help: "The file; - for standard input.") var file: String
    @Flag(help: "Change nothing, only report.") var dryRun = false
    @Flag(help: "Store what fits although other rows fail.") var partial = false
    @Option(help: "Where to write the rows that fail, as CSV to repair and send again.") var repair: String?
    @Flag(help: "Print the whole report as JSON.") var json = false

    /// A row as the table shows it.
    private struct Row: Decodable {
        let file: String?
        let line: Int
        let email: String?
        let result: String
        let detail: String?
        let changed: [String]
    }

    private struct Rows: Decodable {
        let rows: [Row]
    }

    /// Takes the file in, and shows what became of it.
    /// - Parameters:
    ///   - lines: of the file, for the bar.
    ///   - note: what more the summary says.
    func run(
        _ options: OperatorOptions, lines: Int, note: String = "",
        take: @escaping @Sendable (UnitOfWork, @escaping @Sendable (Int) -> Void) async throws -> ImportReport
    ) async throws {
        let report = try await Operator.run(options, in: institution) { migrator, institution in
            let bar = ProgressBar("Taking in", total: lines / importRowsAtATime + 1)
            defer { bar.finish() }
            return try await take(migrator.work(in: institution)) { _ in bar.step() }
        }
        if let repair { try await write(report.repair, to: repair) }
        if json {
            for try await piece in report.json { Output.bytes(piece) }
            Output.line()
        } else {
            try await showRows(report)
            Output.line(summary(report) + note + (dryRun ? " (dry run: nothing was changed)" : ""))
        }
        if report.isRefused {
            throw Failure("nothing was stored, because \(report.failed) rows failed; --partial stores the others")
        }
    }

    private func summary(_ report: ImportReport) -> String {
        var counts = [
            "\(report.added) added", "\(report.updated) updated", "\(report.unchanged) unchanged",
            "\(report.failed) failed",
        ]
        if let skipped = report.skipped { counts.append("\(skipped) not for here") }
        if let missing = report.missing { counts.append("\(missing) not in the file") }
        if report.suspended > 0 { counts.append("\(report.suspended) suspended") }
        if report.leaving > 0 { counts.append("\(report.leaving) left a cohort") }
        if report.invited > 0 { counts.append("\(report.invited) invited by mail") }
        return counts.joined(separator: ", ")
    }

    /// The file's bytes, and how many lines it has.
    func read() async throws -> (Spool, lines: Int) {
        guard let handle = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file) else {
            throw Failure("cannot read \(file)")
        }
        var spool = SpoolWriter()
        var lines = 0
        let bar = ProgressBar("Reading", total: size())
        defer { bar.finish() }
        while let chunk = try handle.read(upToCount: Self.piece), !chunk.isEmpty {
            lines += chunk.count { $0 == UInt8(ascii: "\n") }
            try await spool.append(chunk)
            bar.step()
        }
        return (spool.finish(), lines)
    }

    private static let piece = 1 << 20

    /// In pieces, for the bar; 0 where nobody knows.
    private func size() -> Int {
        let found = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? NSNumber
        return found.map { $0.intValue / Self.piece + 1 } ?? 0
    }

    private func write(_ content: Spool, to path: String) async throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw Failure("cannot write \(path)") }
        for try await piece in content { try handle.write(contentsOf: Data(piece)) }
        try handle.close()
    }

    private func showRows(_ report: ImportReport) async throws {
        guard report.failed + report.archived.count > 0 || dryRun else { return }
        var bytes: [UInt8] = []
        for try await piece in report.json { bytes += piece }
        let rows = try JSONDecoder().decode(Rows.self, from: Data(bytes)).rows
        var table = Table(report.skipped == nil ? "line" : "file and line", "e-mail", "result", "why")
        let failing = ["unknown", "not-a-student", "invalid"]
        for row in rows
        where dryRun || failing.contains(row.result) || row.result == "unchanged" && row.detail != nil {
            let line = row.file.map { "\($0) \(row.line)" } ?? "\(row.line)"
            table.add([line, row.email ?? "", row.result, row.detail ?? row.changed.joined(separator: ", ")])
        }
        table.show(empty: "The file has no rows.")
    }
}
