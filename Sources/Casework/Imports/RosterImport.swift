import Dates
import Postgres
import Tenancy

/// A OneRoster package: departments, people, cohorts and who is in them, in one transaction, as the institution's rules say.
///
/// A dry run does all of it and takes it back, so that it says what the real run will say: later files are about what earlier
/// ones have made.
public struct RosterImport: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as an admin.
    public init(work: UnitOfWork) { self.work = work }

    private static let refusals: Refusals = [
        "accounts_email_key": StudentImport.changedMeanwhile,
        "accounts_student_number_key": StudentImport.changedMeanwhile,
        "departments_name_key": StudentImport.changedMeanwhile,
        "cohorts_name_key": StudentImport.changedMeanwhile,
        "roster_records_account_id_key": StudentImport.changedMeanwhile,
        "roster_records_account_id_fkey": StudentImport.changedMeanwhile,
        "roster_records_cohort_id_key": StudentImport.changedMeanwhile,
        "roster_records_cohort_id_fkey": StudentImport.changedMeanwhile,
        "roster_records_department_id_fkey": StudentImport.changedMeanwhile,
        "enrollments_cohort_id_fkey": StudentImport.changedMeanwhile,
        "enrollments_student_id_fkey": StudentImport.changedMeanwhile,
        "cohorts_category_id_fkey": StudentImport.changedMeanwhile,
    ]

    /// Takes the package in. Where rows fail and `partial` is not wanted, nothing is stored and the report says so.
    /// - Parameters:
    ///   - says: the report's sentence for what is wrong with a row.
    ///   - progress: is told of so many rows more, whenever some have been judged.
    /// - Throws: `invalid` naming a file whose header cannot be used; `conflict` where accounts changed meanwhile, or where more
    ///   people would be suspended, or leave their cohorts, than the options allow.
    public func run(
        _ package: RosterPackage, _ options: ImportOptions,
        says: @escaping @Sendable (FieldRefusal) -> String = { $0.refusal.code.rawValue },
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> ImportReport {
        try await Self.refusals {
            do {
                return try await work.transaction(isLong: true) { transaction in
                    var report = ImportReportWriter(files: RosterFile.orgs.name, says: says)
                    try await take(package, options, &report, progress, in: transaction)
                    if report.added + report.updated + report.suspended + report.leaving > 0 {
                        try await transaction(Self.noted(report))
                    }
                    let finished = report.finish(options)
                    if finished.isRefused || options.isDryRun { throw ImportUndone(report: finished) }
                    return finished
                }
            } catch let undone as ImportUndone {
                return undone.report
            }
        }
    }

    private func take(
        _ package: RosterPackage, _ options: ImportOptions, _ report: inout ImportReportWriter,
        _ progress: @escaping @Sendable (Int) -> Void, in transaction: Transaction
    ) async throws {
        let rules = try await transaction(RosterRulesRepository.row)
        let today = try await transaction(
            ("select waymark.day_of(now(), time_zone) from settings where id = 1" as SQL).value(CalendarDate.self))
        var users: SeenValues?
        var classes: SeenValues?
        /// Rows that fit are always stored; who takes everything back is `run`.
        func take<Kind: ImportKind>(
            _ part: RosterPackage.Part, requires: [String], _ kind: (RosterHeader) -> Kind
        ) async throws -> Kind {
            var records = try await part.content.records()
            let header = try RosterHeader(try await records.next(), of: part.file.name, requires: requires)
            report.file = part.file.name
            var stored = ImportOptions(isPartial: true)
            stored.pace = options.pace
            var run = ImportRun(kind(header), into: report, stored, progress: progress)
            try await run.take(&records, first: nil, in: transaction)
            report = run.report
            return run.kind
        }
        if let part = package.part(.orgs) {
            _ = try await take(part, requires: ["sourcedId", "name", "type"]) { RosterOrgs(part, $0) }
        }
        if let part = package.part(.users) {
            let roles =
                package.isVersion12
                ? try await RosterRoles(package.part(.roles), rules, today: today, &report) : nil
            let named = ["sourcedId", "enabledUser", "username", "givenName", "familyName"]
            let people = try await take(part, requires: named + (package.isVersion12 ? [] : ["role"])) {
                RosterPeople(part, $0, rules: rules, roles: roles, options: options)
            }
            users = part.mode == .bulk ? people.known : nil
        }
        if let part = package.part(.classes) {
            let kind = try await take(part, requires: ["sourcedId", "title"]) { RosterClasses(part, $0, rules: rules) }
            classes = part.mode == .bulk ? kind.known : nil
        }
        if let part = package.part(.enrollments) {
            let named = ["sourcedId", "classSourcedId", "userSourcedId", "role"]
            _ = try await take(part, requires: named) {
                RosterEnrollments(part, $0, today: today, options: options, users: users, classes: classes)
            }
        }
    }

    private static func noted(_ report: ImportReportWriter) -> Query<Void> {
        ("""
        insert into audit (action, subject, after)
        values ('import.oneroster', 'accounts', jsonb_build_object('added', \(report.added)::int,
            'updated', \(report.updated)::int, 'unchanged', \(report.unchanged)::int, 'failed', \(report.failed)::int,
            'suspended', \(report.suspended)::int, 'leaving', \(report.leaving)::int))
        """ as SQL).done()
    }
}
