import ArgumentParser
import Casework
import Tenancy

/// `waymark report`: runs a report of `sql/reports` for one institution.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Run a report for an institution; without a name, list the reports.")

    @Argument(help: "The institution's slug.")
    var institution: String?
    @Argument(help: "The report's name.")
    var name: String?
    @OptionGroup var options: OperatorOptions
    @Option(help: "How to print it: table, csv or json.")
    var format: Format?
    @Flag(help: "The same as --format json.")
    var json = false

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, csv, json
    }

    private struct Entry: Encodable {
        let name: String
        let title: String
    }

    func validate() throws {
        guard !json || format == nil || format == .json else {
            throw ValidationError("--json and --format \(format?.rawValue ?? "") exclude each other")
        }
    }

    private var chosen: Format { format ?? (json ? .json : .table) }

    func run() async throws {
        let reports = try Report.all()
        guard let institution, let name else { return try list(reports) }
        guard let report = reports.first(where: { $0.name == name }) else {
            throw Failure("there is no report '\(name)'; there are \(reports.map(\.name).joined(separator: ", "))")
        }
        let lines = try await Operator.run(options, in: institution) { migrator, institution in
            try await migrator.work(in: institution)(report.lines())
        }
        let cells = lines.map { $0.values.map { $0 ?? "" } }
        switch chosen {
        case .json: Output.line("[" + lines.map(\.json).joined(separator: ",") + "]")
        case .csv: Self.show(csv: [report.columns] + cells)
        case .table:
            var table = Table(headings: report.columns)
            for line in cells { table.add(line) }
            table.show(empty: "Nothing to report.")
        }
    }

    private static func show(csv rows: [[String]]) {
        var writer = CSVWriter()
        for row in rows { writer.row(row) }
        Output.bytes(writer.drain())
    }

    private func list(_ reports: [Report]) throws {
        switch chosen {
        case .json: try Output.json(reports.map { Entry(name: $0.name, title: $0.title) })
        case .csv: Self.show(csv: [["report", "what it answers"]] + reports.map { [$0.name, $0.title] })
        case .table:
            var table = Table("report", "what it answers")
            for report in reports { table.add([report.name, report.title]) }
            table.show(empty: "There are no reports.")
        }
    }
}
