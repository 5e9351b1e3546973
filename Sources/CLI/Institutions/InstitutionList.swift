import ArgumentParser
import Foundation
import Tenancy

/// `waymark institution list`
struct InstitutionList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all institutions, with what each noted of itself last.",
        discussion: Setting.help(Setting.operating))

    @OptionGroup var options: OperatorOptions
    @Flag(help: "Print JSON.") var json = false

    private struct Report: Encodable {
        let id: Int
        let slug: String
        let state: String
        let partition: Int
        let removeAt, notedAt: Date?
        let students, staff, cohorts, bytes: Int?
        let signedInAt: Date?
        let mailsWaiting, mailsFailed: Int?
        let schemaVersion: String?
        /// Seconds for which background work has been due.
        let behind: Int

        init(_ one: InstitutionOverview) {
            id = one.institution.id
            slug = one.institution.slug
            state = one.institution.state
            partition = one.institution.partition
            removeAt = one.removeAt
            notedAt = one.notedAt
            students = one.students
            staff = one.staff
            cohorts = one.cohorts
            bytes = one.bytes
            signedInAt = one.signedInAt
            mailsWaiting = one.mailsWaiting
            mailsFailed = one.mailsFailed
            schemaVersion = one.schemaVersion
            behind = one.behind
        }
    }

    func run() async throws {
        let institutions = try await Operator.run(conninfo: try await options.conninfo()) { migrator in
            try await migrator.overview()
        }
        if json { return try Output.json(institutions.map(Report.init)) }
        var table = Table(
            "slug", "state", "partition", "id", "students", "staff", "cohorts", "size", "last sign-in", "mails waiting",
            "failed", "work late", "schema")
        for one in institutions {
            let state = one.removeAt.map { "removing after \(Self.day($0))" } ?? one.institution.state
            let counts = [one.students, one.staff, one.cohorts].map { $0.map(String.init) ?? "" }
            table.add(
                [one.institution.slug, state, "\(one.institution.partition)", "\(one.institution.id)"] + counts
                    + [
                        one.bytes.map(Self.size) ?? "", one.signedInAt.map(Self.day) ?? "",
                        one.mailsWaiting.map(String.init) ?? "", one.mailsFailed.map(String.init) ?? "",
                        one.behind > 60 ? Table.span(one.behind) : "", one.schemaVersion ?? "",
                    ])
        }
        table.show(empty: "There are no institutions yet.")
    }

    /// `2026-11-29`, in UTC.
    static func day(_ date: Date) -> String { date.formatted(.iso8601.year().month().day()) }

    /// `2.1 MB`
    static func size(_ bytes: Int) -> String {
        let units = ["kB", "MB", "GB", "TB"]
        var value = Double(bytes) / 1_000
        var unit = 0
        while value >= 1_000, unit < units.count - 1 {
            value /= 1_000
            unit += 1
        }
        return value.formatted(.number.precision(.fractionLength(1)).grouping(.never).locale(Locale(identifier: "en")))
            + " " + units[unit]
    }
}
