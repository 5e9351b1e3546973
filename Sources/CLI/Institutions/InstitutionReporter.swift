import ArgumentParser
import Casework
import Postgres
import Tenancy

/// `waymark institution reporter`: an analyst's SQL login of one institution.
struct InstitutionReporter: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reporter",
        abstract: "Let an analyst read an institution's report views by SQL, or no longer.",
        discussion: """
            The login reads the views report_* of the institution's schema, and waymark.report_catalog, which says what
            each column means; nothing else. It has four connections, of which each may keep a transaction open for a
            minute and sort a gigabyte on the disk. Every statement of it stands in PostgreSQL's log.
            """,
        subcommands: [ReporterCreate.self, ReporterRotate.self, ReporterRevoke.self])

    /// What a new password comes with.
    struct Report: Encodable {
        let login: String
        let password: String
    }

    /// Gives the login a new password, which is printed and kept nowhere.
    /// - Parameter isNew: whether there must be no login so far; else there must be one.
    static func open(_ slug: String, isNew: Bool, _ options: OperatorOptions, json: Bool) async throws {
        let report = try await Operator.run(options, in: slug) { migrator, institution in
            switch (isNew, try await migrator.hasReporterLogin(institution)) {
            case (true, true): throw Failure("\(slug) has its reporter: rotate gives it another password")
            case (false, false): throw Failure("\(slug) has no reporter: create makes one")
            default: break
            }
            let password = try Secret.random().text
            try await migrator.openReporterLogin(of: institution, password: password)
            let note: SQL =
                isNew
                ? "insert into audit (action, subject) select 'reporter.create', 'settings'"
                : "insert into audit (action, subject) select 'reporter.rotate', 'settings'"
            try await migrator.work(in: institution)(note.done())
            return Report(login: institution.reporter, password: password)
        }
        if json { return try Output.json(report) }
        Output.line("The login \(report.login) reads the reports of \(slug). Its password is shown only now:")
        Output.line(report.password)
    }
}

/// `waymark institution reporter create`
struct ReporterCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Open the login; its password is printed once and kept nowhere.",
        discussion: Setting.help(Setting.operating))

    @Argument(help: "The institution's slug.") var slug: String
    @OptionGroup var options: OperatorOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        try await InstitutionReporter.open(slug, isNew: true, options, json: json)
    }
}

/// `waymark institution reporter rotate`
struct ReporterRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Give the login another password, and end what is open by the old one.")

    @Argument(help: "The institution's slug.") var slug: String
    @OptionGroup var options: OperatorOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        try await InstitutionReporter.open(slug, isNew: false, options, json: json)
    }
}

/// `waymark institution reporter revoke`
struct ReporterRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Shut the login now, and end what is open by it.")

    @Argument(help: "The institution's slug.") var slug: String
    @OptionGroup var options: OperatorOptions

    func run() async throws {
        try await Operator.run(options, in: slug) { migrator, institution in
            guard try await migrator.hasReporterLogin(institution) else { throw Failure("\(slug) has no reporter") }
            try await migrator.closeReporterLogin(of: institution)
            let note: SQL = "insert into audit (action, subject) select 'reporter.revoke', 'settings'"
            try await migrator.work(in: institution)(note.done())
        }
        Output.line("The reporter of \(slug) is shut out.")
    }
}
