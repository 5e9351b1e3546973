import Postgres
import Tenancy

/// The milestones of cohorts, as far as the caller's row security shows them.
public struct MilestoneRepository: Sendable {
    let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let refusals: Refusals = [
        "milestones_cohort_id_fkey": .notFound, "milestones_shared_scope_check": sharedBeyondScope,
    ]
    /// What several cohorts share is changed by who may change it in all of them.
    static let sharedBeyondScope = CaseworkError.conflict(Refusal(.sharedBeyondScope), state: "shared")

    static func exists(_ cohort: Int) -> Query<Bool> {
        SQL("select exists(select from cohorts where id = \(cohort))").value(Bool.self)
    }

    /// The milestones of a cohort by title, without regard to case, then id.
    /// - Parameter archived: the retired ones instead of those in use.
    /// - Throws: `CaseworkError.notFound` where the caller does not see the cohort.
    public static func list(
        in cohort: Int, archived: Bool = false, _ page: PageRequest
    ) throws -> Reading<Page<Milestone>> {
        var sql: SQL = "select \(Self.columns()) from milestones where cohort_id = \(cohort)"
        sql += archived ? " and archived_at is not null" : " and archived_at is null"
        if let cursor = page.after {
            sql += " and (lower(title), id::bigint) > (lower(\(try cursor.text(0))), \(try cursor.int(1))::bigint)"
        }
        sql += " order by lower(title), id limit \(page.fetch)"
        return Reading(exists(cohort), sql.all(Milestone.self)) { exists, rows in
            guard exists else { throw CaseworkError.notFound }
            return Page(rows, page) { Cursor(.text($0.title), .int($0.id)) }
        }
    }

    /// One milestone.
    /// - Throws: `CaseworkError.notFound`.
    public static func find(_ id: Int) -> Reading<Milestone> {
        Reading(
            SQL("select \(columns()) from milestones where id = \(id)").optional(Milestone.self),
            output: CaseworkError.orNotFound)
    }

    /// Adds a milestone to a cohort.
    /// - Throws: `CaseworkError.conflict` where the cohort is archived, `.notFound`.
    public func add(_ draft: MilestoneDraft, to cohort: Int) async throws -> Milestone {
        let (made, archived) = try await Self.refusals {
            try await work(
                SQL(
                    """
                    with new as (
                      insert into milestones (cohort_id, title, due_on, due_after_days, description, reminders, completion, saved)
                      select id, \(draft.title ?? "New Milestone"), \(draft.dueOn)::date, \(draft.dueAfterDays)::int,
                             \(draft.description), \(draft.reminders)::int[], \(draft.completion), \(draft.saved)::boolean
                        from cohorts where id = \(cohort) and archived_at is null for share
                      returning \(Self.columns())),
                    noted as (
                      insert into audit (action, subject, after)
                      select 'milestone.create', 'milestone/' || id, \(Self.audited("new")) from new)
                    select \(Self.columns()) from new
                    """
                ).optional(Milestone.self), Self.isArchived(cohort))
        }
        if let made { return made }
        throw archived == true ? Self.archivedCohort : CaseworkError.notFound
    }

    /// Whether students have worked on a milestone: then it can be retired and not removed.
    public static func isWorkedOn(_ id: Int) -> Reading<Bool> {
        Reading(SQL("select exists(select from worked_milestones where milestone_id = \(id))").value(Bool.self))
    }

    /// Changes a milestone and saves it: from now on students see it. A retired one only takes `archived: false`, with
    /// whatever else is to change then.
    /// - Throws: `CaseworkError.notFound`, `.preconditionFailed`, `.conflict` where it is retired or the cohort archived.
    public func change(_ id: Int, _ patch: MilestonePatch, ifMatch: IfMatch) async throws -> Milestone {
        let change: SQL =
            """
            with old as (
              select \(Self.columns()), \(ifMatch.accepts("version")) as matched,
                     (select archived_at from cohorts c where c.id = cohort_id) is not null as archived
                from milestones where id = \(id) for update),
            wanted as (
              select w.title, w.due_on, w.due_after_days, w.description, w.reminders, w.completion,
                     w.archived_at is null as saved, w.archived_at
                from (select coalesce(\(patch.title), title) as title,
                     case when \(patch.dueOn.isPresent)::boolean then \(patch.dueOn.value)::date
                          when \(patch.dueAfterDays.value)::int is null then due_on end as due_on,
                     case when \(patch.dueAfterDays.isPresent)::boolean then \(patch.dueAfterDays.value)::int
                          when \(patch.dueOn.value)::date is null then due_after_days end as due_after_days,
                     case when \(patch.description.isPresent)::boolean then \(patch.description.value)
                          else description end as description,
                     coalesce(\(patch.reminders)::int[], reminders) as reminders,
                     coalesce(\(patch.completion), completion) as completion,
                     case \(patch.isArchived)::boolean when true then coalesce(archived_at, now()) when false then null
                          else archived_at end as archived_at
                from old) w),
            judged as (
              select (\(Self.content("o"))) is distinct from (\(Self.content("w"))) as changed,
                     o.archived_at is not null and w.archived_at is not null as retired
                from old o, wanted w),
            new as (
              update milestones m
                 set title = w.title, due_on = w.due_on, due_after_days = w.due_after_days,
                     description = w.description, reminders = w.reminders, completion = w.completion, saved = w.saved,
                     archived_at = w.archived_at,
                     changed_at = case when \(Self.schedule("m")) is distinct from \(Self.schedule("w"))
                                  then now() else m.changed_at end,
                     version = m.version + 1
                from old o, wanted w, judged j
               where m.id = o.id and o.matched and not o.archived and j.changed and not j.retired
              returning \(Self.columns("m"))),
            noted as (
              insert into audit (action, subject, before, after)
              select 'milestone.update', 'milestone/' || new.id, \(Self.audited("old")), \(Self.audited("new")) from new, old)
            select \(Self.columns()), true as matched, false as archived, false as refused from new
            union all
            select \(Self.columns("o")), o.matched, o.archived, j.changed and j.retired from old o, judged j
             where not exists (select from new)
            """
        let found = try await Self.refusals { try await work(change.optional(Change.self)) }
        guard let found else { throw CaseworkError.notFound }
        guard found.matched else { throw CaseworkError.preconditionFailed }
        guard !found.archived else { throw Self.archivedCohort }
        guard !found.refused else { throw Self.retired }
        return found.milestone
    }

    /// Removes a milestone and its files, unless a student has done something about it.
    /// - Returns: its title.
    /// - Throws: `CaseworkError.notFound`, `.preconditionFailed`, `.conflict` with what hangs on it.
    @discardableResult
    public func remove(_ id: Int, ifMatch: IfMatch) async throws -> String {
        do {
            let found = try await work(
                SQL(
                    """
                    with old as (
                      select \(Self.columns()), \(ifMatch.accepts("version")) as matched,
                             (select archived_at from cohorts c where c.id = cohort_id) is not null as archived
                        from milestones where id = \(id) for update),
                    hanging as (
                      select count(*)::int as students
                        from (select student_id from progress where milestone_id = \(id)
                              union select student_id from extensions where milestone_id = \(id)) x),
                    gone as (
                      delete from milestones m using old o, hanging h
                       where m.id = o.id and o.matched and not o.archived and h.students = 0 returning m.id),
                    noted as (
                      insert into audit (action, subject, before)
                      select 'milestone.delete', 'milestone/' || old.id, \(Self.audited("old")) from old, gone)
                    select title, matched, archived, students from old, hanging
                    """
                ).optional(Removal.self))
            guard let found else { throw CaseworkError.notFound }
            guard found.matched else { throw CaseworkError.preconditionFailed }
            guard !found.archived else { throw Self.archivedCohort }
            guard found.students == 0 else { throw Self.hasProgress(found.students) }
            return found.title
        } catch let error as PostgresError
            where ["progress_milestone_id_fkey", "extensions_milestone_id_fkey"].contains(error.constraint)
        {
            // A student acted at the same moment, or one who has left and whose work the caller does not see.
            throw Self.hasProgress(nil)
        }
    }

    // MARK: SQL

    /// The columns a `Milestone` is read from.
    static func columns(_ table: SQL? = nil) -> SQL {
        let names: [SQL] = [
            "id", "cohort_id", "title", "due_on", "due_after_days", "description", "reminders", "completion", "saved",
            "archived_at", "shared_id", "version",
        ]
        guard let table else { return names.joined() }
        return names.map { table + "." + $0 }.joined()
    }

    private static func content(_ table: SQL) -> SQL {
        ([
            "title", "due_on", "due_after_days", "description", "reminders", "completion", "saved", "archived_at",
        ] as [SQL]).map { table + "." + $0 }.joined()
    }

    /// What decides about reminders: one whose moment passed before this changed is not sent afterwards.
    private static func schedule(_ table: SQL) -> SQL {
        "(" + (["due_on", "due_after_days", "reminders", "saved"] as [SQL]).map { table + "." + $0 }.joined() + ")"
    }

    static func audited(_ table: SQL) -> SQL {
        """
        jsonb_build_object('cohortId', \(table).cohort_id, 'title', \(table).title, 'dueOn', \(table).due_on,
          'dueAfterDays', \(table).due_after_days, 'description', \(table).description,
          'reminders', \(table).reminders, 'completion', \(table).completion,
          'saved', \(table).saved or \(table).archived_at is not null, 'archived', \(table).archived_at is not null,
          'sharedId', \(table).shared_id)
        """
    }

    static func isArchived(_ cohort: Int) -> Query<Bool?> {
        SQL("select archived_at is not null from cohorts where id = \(cohort)").optionalValue(Bool.self)
    }

    static let archivedCohort = CaseworkError.conflict(Refusal(.cohortArchived), state: "archived")
    static let retired = CaseworkError.conflict(Refusal(.milestoneArchived), state: "archived")

    private static func hasProgress(_ students: Int?) -> CaseworkError {
        let work = students.map { Blocker(.progressOfStudents, count: $0) } ?? Blocker(.someProgress)
        return .conflict(Refusal(.milestoneInUse), blockedBy: [work])
    }

    private struct Change: RowDecodable {
        let milestone: Milestone
        let matched: Bool
        let archived: Bool
        let refused: Bool

        init(row: Row) throws {
            milestone = try Milestone(row: row)
            matched = try row.get("matched")
            archived = try row.get("archived")
            refused = try row.get("refused")
        }
    }

    private struct Removal: RowDecodable {
        let title: String
        let matched: Bool
        let archived: Bool
        let students: Int

        init(row: Row) throws {
            title = try row.get("title")
            matched = try row.get("matched")
            archived = try row.get("archived")
            students = try row.get("students")
        }
    }
}

extension Permission {
    /// A milestone, by the cohort it belongs to.
    public static func milestone(_ id: Int) -> Permission {
        Permission(
            "select from milestones where id = \(id)", ofCohort: "select cohort_id from milestones where id = \(id)")
    }
}
