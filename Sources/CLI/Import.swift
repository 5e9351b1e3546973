import ArgumentParser
import Casework
import Foundation
import Tenancy
import Web

/// `waymark import`: a CSV file of students, as the operator.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take in a CSV file of students: accounts, or with --cohort the members of a cohort.",
        discussion: """
            Accounts need the header email,given_name,family_name and may have student_number and preferred_name.
            Members of a cohort need a header with email or student_number, or one column of addresses. Where a row
            fails nothing is stored, unless --partial is given; --dry-run only shows each row's fate.
            """)

    @Argument(help: "The institution's slug.") var institution: String
    @Argument(help: "The CSV file; - for standard input.") var file: String
    @Option(help: "Number of the cohort the students join.") var cohort: Int?
    @Flag(help: "Change nothing, only report.") var dryRun = false
    @Flag(help: "Store what fits although other rows fail.") var partial = false
    @OptionGroup var options: OperatorOptions
    @Flag(help: "Print the whole report as JSON.") var json = false

    /// A row as the table shows it.
    private struct Row: Decodable {
        let line: Int
        let email: String?
        let result: String
        let detail: String?
    }

    private struct Rows: Decodable {
        let rows: [Row]
    }

    func run() async throws {
        let spool = try await read()
        let report = try await Operator.run(options, in: institution) { migrator, institution in
            let work = migrator.work(in: institution)
            let options = ImportOptions(isDryRun: dryRun, isPartial: partial)
            guard let cohort else { return try await StudentImport(work: work).run(spool, options, says: \.inReport) }
            return try await EnrollmentImport(work: work).run(spool, into: cohort, options, says: \.inReport)
        }
        if json {
            for try await piece in report.json { Output.bytes(piece) }
            Output.line()
        } else {
            try await showFailures(report)
            Output.line(
                "\(report.added) added, \(report.updated) updated, \(report.unchanged) unchanged, \(report.failed) failed"
                    + (dryRun ? " (dry run: nothing was changed)" : ""))
        }
        if report.isRefused {
            throw Failure("nothing was stored, because \(report.failed) rows failed; --partial stores the others")
        }
    }

    private func read() async throws -> Spool {
        guard let handle = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file) else {
            throw Failure("cannot read \(file)")
        }
        var spool = SpoolWriter()
        let bar = ProgressBar("Reading", total: size())
        defer { bar.finish() }
        while let chunk = try handle.read(upToCount: Self.piece), !chunk.isEmpty {
            try await spool.append(chunk)
            bar.step()
        }
        return spool.finish()
    }

    private static let piece = 1 << 20

    /// In pieces, for the bar; 0 where nobody knows.
    private func size() -> Int {
        let found = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? NSNumber
        return found.map { $0.intValue / Self.piece + 1 } ?? 0
    }

    private func showFailures(_ report: ImportReport) async throws {
        guard report.failed > 0 || dryRun else { return }
        var bytes: [UInt8] = []
        for try await piece in report.json { bytes += piece }
        let rows = try JSONDecoder().decode(Rows.self, from: Data(bytes)).rows
        var table = Table("line", "e-mail", "result", "why")
        for row in rows where dryRun || ["unknown", "not-a-student", "invalid"].contains(row.result) {
            table.add(["\(row.line)", row.email ?? "", row.result, row.detail ?? ""])
        }
        table.show(empty: "The file has no rows.")
    }
}
