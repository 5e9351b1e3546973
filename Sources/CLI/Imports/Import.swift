import ArgumentParser
import Casework
import Foundation
import Tenancy
import Web

/// `waymark import`: files of people, as the operator.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take in a file of people.",
        discussion: """
            The file has a header and is separated by commas, semicolons or tabs, in UTF-8, UTF-16 or Windows-1252. Usual
            headings are recognized; what an admin said of a heading on the page of imports, or by PUT /imports/columns, counts too,
            and --column says it for one file. Where a row fails nothing is stored, unless --partial is given; --dry-run only
            shows each row's fate.
            """,
        subcommands: [ImportStudents.self, ImportStaff.self, ImportMembers.self, ImportOneRoster.self])
}

/// `waymark import students`
struct ImportStudents: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "students",
        abstract: "Accounts of students: e-mail address, given and family name, and student number where there is one.")

    @OptionGroup var file: ImportedRows
    @Flag(help: "Suspend the students who may come in and are not in the file.") var suspendMissing = false
    @Option(help: "How many those may be; the share in the institution's settings where nothing is said.")
    var mostSuspended: Int?
    @OptionGroup var invitation: ImportInvitation
    @OptionGroup var options: OperatorOptions

    func run() async throws {
        let imported = ImportOptions(
            isDryRun: file.source.dryRun, isPartial: file.source.partial, suspendsMissing: suspendMissing,
            mostSuspended: mostSuspended
        ).inviting(from: invitation.host(of: file.source.institution))
        try await file.run(options, for: StudentImport.fields) { work, content, columns, progress in
            try await StudentImport(work: work).run(
                content, imported, columns: columns, says: \.inReport, progress: progress)
        }
    }
}

/// `waymark import staff`
struct ImportStaff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "staff",
        abstract: "Accounts of directors, managers and staff: e-mail address, names, role, and groups to join.")

    @OptionGroup var file: ImportedRows
    @OptionGroup var invitation: ImportInvitation
    @OptionGroup var options: OperatorOptions

    func run() async throws {
        let imported = ImportOptions(isDryRun: file.source.dryRun, isPartial: file.source.partial)
            .inviting(from: invitation.host(of: file.source.institution))
        try await file.run(options, for: StaffImport.fields) { work, content, columns, progress in
            try await StaffImport(work: work).run(
                content, imported, columns: columns, says: \.inReport, progress: progress)
        }
    }
}

/// `waymark import members`
struct ImportMembers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "members",
        abstract: "Students who join a cohort: by e-mail address, student number, or both; or one column of addresses.")

    @OptionGroup var file: ImportedRows
    @Option(help: "Number of the cohort they join.") var cohort: Int
    @OptionGroup var options: OperatorOptions

    func run() async throws {
        let imported = ImportOptions(isDryRun: file.source.dryRun, isPartial: file.source.partial)
        try await file.run(options, for: EnrollmentImport.fields) { work, content, columns, progress in
            try await EnrollmentImport(work: work).run(
                content, into: cohort, imported, columns: columns, says: \.inReport, progress: progress)
        }
    }
}

/// `waymark import oneroster`
struct ImportOneRoster: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "oneroster",
        abstract: "A OneRoster package, version 1.1 or 1.2: a zip of CSV files with a manifest.",
        discussion: """
            Students become accounts, organizations of the type department become departments. Which other roles are taken in, and
            which classes become cohorts, is ruled on the page of imports.
            """)

    @OptionGroup var file: ImportedFile
    @Flag(help: "Suspend the people of rosters who are not in the file, and end enrollments that are not.")
    var suspendMissing = false
    @Option(help: "How many may be suspended, or leave their cohorts; the share in the settings where nothing is said.")
    var mostSuspended: Int?
    @OptionGroup var options: OperatorOptions

    func run() async throws {
        let imported = ImportOptions(
            isDryRun: file.dryRun, isPartial: file.partial, suspendsMissing: suspendMissing,
            mostSuspended: mostSuspended)
        let package = try await RosterPackage(try await file.read().0)
        try await file.run(options, lines: package.size / 100) { work, progress in
            try await RosterImport(work: work).run(package, imported, says: \.inReport, progress: progress)
        }
    }
}
