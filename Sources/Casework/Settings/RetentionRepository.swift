import Postgres
import Tenancy

/// For how long the institution keeps what. Admins change it in person, never by API token.
public struct RetentionRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// The days as they are, with what goes next.
    public static func find() -> Reading<Retention> { Reading(row) }

    /// What would go next, were the days changed so.
    public static func removable(after patch: RetentionPatch) -> Reading<Retention.Removable> {
        Reading(
            ("select \(Self.counts) from (\(Self.changed(by: patch, of: "settings"))) d" as SQL).one(
                Retention.Removable.self))
    }

    /// Changes the days.
    /// - Throws: `CaseworkError.preconditionFailed`.
    public func update(_ patch: RetentionPatch, ifMatch: IfMatch) async throws -> Retention {
        let (matched, found) = try await work(
            ("""
            with old as (
                    select \(Self.days), time_zone, id, \(ifMatch.accepts("version")) as matched from settings
                    where id = 1 for update),
                wanted as (\(Self.changed(by: patch, of: "old"))),
                new as (
                    update settings s set keep_students_days = w.keep_students_days, keep_audit_days = w.keep_audit_days,
                        keep_mails_days = w.keep_mails_days, keep_files_days = w.keep_files_days, version = s.version + 1
                    from wanted w, old
                    where s.id = 1 and old.matched
                        and (s.keep_students_days, s.keep_audit_days, s.keep_mails_days, s.keep_files_days)
                            is distinct from (w.keep_students_days, w.keep_audit_days, w.keep_mails_days, w.keep_files_days)
                    returning s.keep_students_days, s.keep_audit_days, s.keep_mails_days, s.keep_files_days),
                noted as (
                    insert into audit (action, subject, before, after)
                    select 'settings.retention', 'settings', (select \(Self.audited) from old), \(Self.audited) from new)
            select matched from old
            """ as SQL).value(Bool.self), Self.row)
        guard matched else { throw CaseworkError.preconditionFailed }
        return found
    }

    private static let days: SQL = "keep_students_days, keep_audit_days, keep_mails_days, keep_files_days"

    private static let audited: SQL = """
        jsonb_build_object('archivedStudentsDays', keep_students_days, 'auditDays', keep_audit_days,
            'mailsDays', keep_mails_days, 'filesDays', keep_files_days)
        """

    private static let row: Query<Retention> =
        ("""
    select \(days), version, \(counts) from (select \(days), time_zone, version from settings where id = 1) d
    """ as SQL).one(Retention.self)

    private static func changed(by patch: RetentionPatch, of settings: SQL) -> SQL {
        func day(_ column: SQL, _ days: Patch<Int>) -> SQL {
            "case when \(days.isPresent) then \(days.value)::int else \(column) end as \(column)"
        }
        return """
            select \(day("keep_students_days", patch.archivedStudents)), \(day("keep_audit_days", patch.audit)),
                \(day("keep_mails_days", patch.mails)), \(day("keep_files_days", patch.files)), time_zone
            from \(settings) where id = 1
            """
    }

    /// How many rows of each kind go by the days of `d`: as the policies of the background work say it, which go by
    /// `limit_retention`.
    private static let counts: SQL = """
        (select count(*) from accounts a
          where a.role = 'student' and a.status = 'archived' and a.erased_at is null
            and coalesce(a.archived_at, a.created_at) < \(start(of: "d.keep_students_days"))) as students,
        (select count(*) from audit x
          where x.at < \(start(of: "d.keep_audit_days")) and x.action <> 'attachment.create') as audit,
        (select count(*) from mails m where m.settled_at < \(start(of: "d.keep_mails_days"))) as mails,
        (select count(*) from submission_files f join cohorts c on c.id = f.cohort_id
          where c.archived_at < \(start(of: "d.keep_files_days"))) as files
        """

    private static func start(of days: SQL) -> SQL {
        "waymark.reminder_moment(waymark.day_of(now(), d.time_zone) - \(days), 0, d.time_zone)"
    }
}

/// Removes what the institution keeps no longer, for the background work. Row security lets it reach exactly that.
public enum RetentionSweep {
    /// Takes away a portion, in one transaction, and notes in the audit how much of what.
    ///
    /// Students first and by themselves: what erases them changes entries of the audit, and those would else be removed by
    /// the same statement.
    /// - Returns: how many rows went; 0 where there is nothing left to do.
    public static var portion: Reading<Int> {
        Reading(students.value(Int.self), rows.value(Int.self)) { $0 + $1 }
    }

    private static let students: SQL = """
        with erased as materialized (select erase_archived(5) as students),
            noted as (
                insert into audit (action, subject, after)
                select 'retention.erase', 'settings', jsonb_build_object('students', students) from erased
                where students > 0)
        select students from erased
        """

    private static let rows: SQL = """
        with old_entries as (
                delete from audit where id in (select id from audit limit 2000) returning id),
            old_mails as (
                delete from mails where id in (
                    select id from mails where settled_at < waymark.kept_since('mails') limit 2000) returning id),
            old_files as (
                delete from submission_files where id in (
                    select id from submission_files where event_id is not null limit 50) returning id),
            gone as materialized (
                select (select count(*) from old_entries) as audit, (select count(*) from old_mails) as mails,
                    (select count(*) from old_files) as files),
            noted as (
                insert into audit (action, subject, after)
                select 'retention.sweep', 'settings', to_jsonb(gone) from gone where audit + mails + files > 0)
        select audit + mails + files from gone
        """
}
