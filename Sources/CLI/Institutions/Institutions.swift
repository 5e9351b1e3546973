import ArgumentParser
import Casework
import Postgres
import Tenancy

/// `waymark institution`: makes institutions and looks after them.
struct Institutions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "institution",
        abstract:
            "Create, list, show, suspend, resume, rename, export, restore, delete and purge institutions; their reporters.",
        subcommands: [
            InstitutionCreate.self, InstitutionList.self, InstitutionShow.self, InstitutionSuspend.self,
            InstitutionResume.self, InstitutionRename.self, InstitutionExport.self, InstitutionRestore.self,
            InstitutionDelete.self, InstitutionPurge.self, InstitutionReporter.self,
        ])
}

/// An institution as the commands print it.
struct InstitutionReport: Encodable {
    let id: Int
    let slug: String
    let state: String
    let partition: Int

    init(_ institution: Institution) {
        id = institution.id
        slug = institution.slug
        state = institution.state
        partition = institution.partition
    }
}

/// `waymark institution show`
struct InstitutionShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one institution and what it holds.")

    @Argument(help: "The institution's slug.") var slug: String
    @OptionGroup var options: OperatorOptions
    @Flag(help: "Print JSON.") var json = false

    private struct Content: RowDecodable, Encodable {
        let name: String
        let timeZone: String
        let studentVisibility: Bool
        let accounts: Int
        let students: Int
        let cohorts: Int

        init(row: Row) throws {
            name = try row.get("name")
            timeZone = try row.get("time_zone")
            studentVisibility = try row.get("student_visibility")
            accounts = try row.get("accounts")
            students = try row.get("students")
            cohorts = try row.get("cohorts")
        }
    }

    private struct Report: Encodable {
        let institution: InstitutionReport
        let content: Content
    }

    func run() async throws {
        let report = try await Operator.run(options, in: slug) { migrator, institution in
            let content: SQL = """
                select name, time_zone, student_visibility,
                       (select count(*) from accounts)::int as accounts,
                       (select count(*) from accounts where role = 'student')::int as students,
                       (select count(*) from cohorts)::int as cohorts
                  from settings
                """
            return Report(
                institution: InstitutionReport(institution),
                content: try await migrator.work(in: institution)(content.one(Content.self)))
        }
        if json { return try Output.json(report) }
        var table = Table(report.institution.slug, report.content.name)
        table.add(["state", report.institution.state])
        table.add(["id", "\(report.institution.id)"])
        table.add(["partition", "\(report.institution.partition)"])
        table.add(["time zone", report.content.timeZone])
        table.add(["student visibility", report.content.studentVisibility ? "enabled" : "disabled"])
        table.add(["accounts", "\(report.content.accounts), \(report.content.students) of them students"])
        table.add(["cohorts", "\(report.content.cohorts)"])
        table.show(empty: "")
    }
}

/// `waymark institution suspend`
struct InstitutionSuspend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend", abstract: "Refuse everybody of an institution from the next request on.")

    @Argument(help: "The institution's slug.") var slug: String
    @OptionGroup var options: OperatorOptions

    func run() async throws {
        try await Operator.run(options, in: slug) { migrator, institution in try await migrator.suspend(institution) }
        Output.line("\(slug) is suspended.")
    }
}

/// `waymark institution resume`
struct InstitutionResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let the people of a suspended or deleted institution in again.")

    @Argument(help: "The institution's slug.") var slug: String
    @OptionGroup var options: OperatorOptions

    func run() async throws {
        try await Operator.run(options, in: slug) { migrator, institution in try await migrator.resume(institution) }
        Output.line("\(slug) is active.")
    }
}

/// `waymark institution rename`
struct InstitutionRename: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename",
        abstract: "Give an institution another host name; links and browsers' sign-ins of the old one end, tokens stay."
    )

    @Argument(help: "The institution's slug.") var slug: String
    @Argument(help: "The new slug.") var newSlug: String
    @OptionGroup var options: OperatorOptions

    func run() async throws {
        try await Operator.run(options, in: slug) { migrator, institution in
            try await migrator.rename(institution, to: newSlug)
        }
        Output.line("\(slug) is now \(newSlug).")
    }
}
