import Postgres
import Tenancy

/// The reports that go out by mail. Admins keep them in person, never by API token; the worker plans and sends them (`Outbox`).
public struct MailedReportRepository: Sendable {
    private let work: UnitOfWork

    /// How many an institution may have.
    public static let most = 100

    /// - Parameter work: as an admin in person.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let columns: SQL = """
        r.id, r.report, r.category_id, r.cohort_id, r.group_id, r.from_on, r.to_on, r.weekday, r.hour, r.recipients, r.version,
        array(select a.name from unnest(r.recipients) with ordinality u (id, n) left join accounts a on a.id = u.id
               order by u.n) as names,
        waymark.next_weekly(r.weekday, r.hour, r.planned_until, (select s.time_zone from settings s where s.id = 1)) as next_at
        """

    /// All of them, the oldest first.
    /// - Parameter report: only of this one; nil: of each.
    public static func list(of report: String? = nil) -> Reading<[MailedReport]> {
        let only: SQL = report.map { "r.report = \($0)" } ?? "true"
        return Reading(
            ("select \(columns) from mailed_reports r where \(only) order by r.id limit \(most)" as SQL)
                .all(MailedReport.self))
    }

    /// Who may get one: admins who are here, by name.
    public static var admins: Reading<[ReportChoices.Choice]> {
        Reading(
            ("""
            select id, name from accounts where role = 'admin' and status = 'active' order by sort_name, id limit 200
            """ as SQL).all(ReportChoices.Choice.self))
    }

    private static func row(_ id: Int) -> Query<MailedReport?> {
        ("select \(columns) from mailed_reports r where r.id = \(id)" as SQL).optional(MailedReport.self)
    }

    /// One of them.
    /// - Throws: `CaseworkError.notFound`.
    public static func find(_ id: Int) -> Reading<MailedReport> {
        Reading(row(id), output: CaseworkError.orNotFound)
    }

    /// Whether some are no admins who are here.
    private static func strangers(_ recipients: [Int]) -> SQL {
        """
        exists (select from unnest(\(recipients)::int[]) u (id) where not exists (
            select from accounts a where a.id = u.id and a.role = 'admin' and a.status = 'active'))
        """
    }

    /// Adds one. It goes out for the first time when its hour comes next.
    /// - Throws: `CaseworkError.invalid` for recipients who are no admins, and where there are `most` already.
    public func create(_ draft: MailedReportDraft) async throws -> MailedReport {
        let filter = draft.filter
        let sql: SQL = """
            with judged as (
                select \(Self.strangers(draft.recipients)) as strange,
                    (select count(*) from mailed_reports) >= \(Self.most)::int as crowded),
            new as (
                insert into mailed_reports (report, category_id, cohort_id, group_id, from_on, to_on, weekday, hour, recipients)
                select \(draft.report)::text, \(filter.categoryID)::int, \(filter.cohortID)::int, \(filter.groupID)::int,
                    \(filter.from)::date, \(filter.to)::date, \(draft.weekday)::int, \(draft.hour)::int,
                    \(draft.recipients)::int[]
                from judged where not strange and not crowded
                returning id, report, weekday, hour, recipients),
            noted as (
                insert into audit (action, subject, after) select 'mailedreport.create', 'mailed-report/' || id, \(Self.audited)
                from new)
            select (select id from new) as id, strange, crowded from judged
            """
        let (made, _) = try await work(sql.one(Made.self), ("select schedule_work()" as SQL).done())
        if made.isStrange { throw CaseworkError.invalid("recipients", .notAnAdmin) }
        guard !made.isFull, let id = made.id else {
            throw CaseworkError.invalid("report", .beyond(.tooManyReports, most: Self.most))
        }
        return try await work.read(Self.find(id))
    }

    private struct Made: RowDecodable {
        let id: Int?
        let isStrange: Bool
        let isFull: Bool

        init(row: Row) throws {
            id = try row.get("id")
            isStrange = try row.get("strange")
            isFull = try row.get("crowded")
        }
    }

    /// Changes when one goes out, and to whom. With another day or hour it goes out when that comes next.
    /// - Throws: `CaseworkError.notFound`; `.preconditionFailed`; `.invalid` for recipients who are no admins.
    public func update(_ id: Int, _ patch: MailedReportPatch, ifMatch: IfMatch) async throws -> MailedReport {
        let sql: SQL = """
            with old as (
                    select id, report, weekday, hour, recipients, \(ifMatch.accepts("version")) as matched
                    from mailed_reports where id = \(id) for update),
                judged as (select old.*, \(Self.strangers(patch.recipients ?? [])) as strange from old),
                new as (
                    update mailed_reports r set weekday = coalesce(\(patch.weekday)::int, r.weekday),
                        hour = coalesce(\(patch.hour)::int, r.hour),
                        recipients = coalesce(\(patch.recipients)::int[], r.recipients), version = r.version + 1,
                        planned_until = case when (coalesce(\(patch.weekday)::int, r.weekday), coalesce(\(patch.hour)::int, r.hour))
                            = (r.weekday, r.hour) then r.planned_until else now() end
                    from judged o
                    where r.id = o.id and o.matched and not o.strange
                        and (coalesce(\(patch.weekday)::int, r.weekday), coalesce(\(patch.hour)::int, r.hour),
                            coalesce(\(patch.recipients)::int[], r.recipients)) is distinct from (r.weekday, r.hour, r.recipients)
                    returning r.id, r.report, r.weekday, r.hour, r.recipients),
                noted as (
                    insert into audit (action, subject, before, after)
                    select 'mailedreport.update', 'mailed-report/' || id, (select \(Self.audited) from old), \(Self.audited)
                    from new)
            select matched, strange from judged
            """
        let (change, _, found) = try await work(
            sql.optional(Change.self), ("select schedule_work()" as SQL).done(), Self.row(id))
        guard let change, let found else { throw CaseworkError.notFound }
        guard change.matched else { throw CaseworkError.preconditionFailed }
        if change.isStrange { throw CaseworkError.invalid("recipients", .notAnAdmin) }
        return found
    }

    private struct Change: RowDecodable {
        let matched: Bool
        let isStrange: Bool

        init(row: Row) throws {
            matched = try row.get("matched")
            isStrange = try row.get("strange")
        }
    }

    /// Ends one. Mails on their way are dropped.
    /// - Throws: `CaseworkError.notFound`, `.preconditionFailed`.
    public func remove(_ id: Int, ifMatch: IfMatch) async throws {
        let sql: SQL = """
            with old as (
                    select id, report, weekday, hour, recipients, \(ifMatch.accepts("version")) as matched
                    from mailed_reports where id = \(id) for update),
                gone as (
                    delete from mailed_reports r using old where r.id = old.id and old.matched returning r.id),
                noted as (
                    insert into audit (action, subject, before)
                    select 'mailedreport.delete', 'mailed-report/' || old.id, \(Self.audited) from old join gone on gone.id = old.id)
            select matched from old
            """
        let (matched, _) = try await work(
            sql.optionalValue(Bool.self), ("select schedule_work()" as SQL).done())
        guard let matched else { throw CaseworkError.notFound }
        guard matched else { throw CaseworkError.preconditionFailed }
    }

    private static let audited: SQL =
        "jsonb_build_object('report', report, 'weekday', weekday, 'hour', hour, 'recipients', recipients)"
}

extension Permission {
    /// A report that goes out by mail.
    public static func mailedReport(_ id: Int) -> Permission {
        Permission("select from mailed_reports where id = \(id)")
    }
}
