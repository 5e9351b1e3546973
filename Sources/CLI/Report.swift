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
    @Flag(help: "Print JSON.")
    var json = false
    @Flag(help: "Print CSV.")
    var csv = false

    private struct Entry: Encodable {
        let name: String
        let title: String
    }

    func validate() throws {
        guard !(json && csv) else { throw ValidationError("--json and --csv exclude each other") }
    }

    func run() async throws {
        let reports = try Report.all()
        guard let institution, let name else { return try list(reports) }
        guard let report = reports.first(where: { $0.name == name }) else {
            throw Failure("there is no report '\(name)'; there are \(reports.map(\.name).joined(separator: ", "))")
        }
        let lines = try await Operator.run(options, in: institution) { migrator, institution in
            try await migrator.work(in: institution)(report.lines())
        }
        if json {
            Output.line("[" + lines.map(\.json).joined(separator: ",") + "]")
        } else if csv {
            var writer = CSVWriter()
            writer.row(report.columns)
            for line in lines { writer.row(line.values.map { $0 ?? "" }) }
            Output.bytes(writer.drain())
        } else {
            var table = Table(headings: report.columns)
            for line in lines { table.add(line.values.map { $0 ?? "" }) }
            table.show(empty: "Nothing to report.")
        }
    }

    private func list(_ reports: [Report]) throws {
        if json { return try Output.json(reports.map { Entry(name: $0.name, title: $0.title) }) }
        var table = Table("report", "what it answers")
        for report in reports { table.add([report.name, report.title]) }
        table.show(empty: "There are no reports.")
    }
}
