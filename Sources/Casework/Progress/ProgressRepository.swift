import Postgres
import Tenancy

/// Progress of students on milestones, as far as the caller's row security shows it.
public struct ProgressRepository: Sendable {
    let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// The progress of a cohort's students on its saved milestones, by student, then milestone.
    /// - Throws: `CaseworkError.notFound` where the caller does not see the cohort.
    public static func list(in cohort: Int, _ filter: ProgressFilter, _ page: PageRequest) throws -> Reading<
        Page<ProgressEntry>
    > {
        var sql: SQL = """
            select \(ProgressEntry.columns)
              from assignments a join my_students s on s.cohort_id = a.cohort_id and s.id = a.student_id
             where a.cohort_id = \(cohort)
            """
        sql += filter.conditions
        if let cursor = page.after {
            sql += " and (s.sort_name, a.student_id::bigint, a.milestone_id::bigint)"
            sql += " > (\(try cursor.text(0)), \(try cursor.int(1))::bigint, \(try cursor.int(2))::bigint)"
        }
        sql += " order by s.sort_name, a.student_id, a.milestone_id limit \(page.fetch)"
        return Reading(
            SQL("select exists(select from cohorts where id = \(cohort))").value(Bool.self), sql.all(ProgressEntry.self)
        ) { exists, rows in
            guard exists else { throw CaseworkError.notFound }
            return Page(rows, page) { Cursor(.text($0.sortName), .int($0.student.id), .int($0.milestoneID)) }
        }
    }

    /// One student's progress on one milestone, and how it came to that, oldest step first; with the student's files for
    /// those who may see them. That somebody else than the
    /// student looked is audited.
    /// - Throws: `CaseworkError.notFound`.
    public static func history(of milestone: Int, student: Int) -> Reading<
        (progress: ProgressEntry, events: [ProgressEvent], files: [SubmittedFile])
    > {
        Reading(
            standing(milestone, student),
            SQL(
                """
                select v.id, v.at, v.actor_id,
                       coalesce((select d.name from directory d where d.id = v.actor_id),
                                (select s.name from students s where s.id = v.actor_id)) as actor_name,
                       v.from_status, v.to_status, v.comment, v.undo
                  from progress_events v
                 where v.milestone_id = \(milestone) and v.student_id = \(student) and v.enrolled
                 order by v.id
                """
            ).all(ProgressEvent.self),
            SubmittedFile.all(where: "f.milestone_id = \(milestone) and f.student_id = \(student)"),
            StudentReading.note(of: student, milestone: milestone)
        ) { found, events, files, _ in
            guard let found else { throw CaseworkError.notFound }
            return (found.progress, events, files)
        }
    }

    /// Takes a step. Of two who take one at the same moment, one wins, and the other is told the new state.
    /// - Parameters:
    ///   - comment: what is said with it; required where `action.needsComment`.
    ///   - seen: the version that the caller has decided about; 0 is where nothing had happened yet.
    /// - Throws: `CaseworkError.preconditionFailed` where something has happened since, `.conflict` with the present
    ///   state, `.notFound`, `.invalid`.
    public func take(
        _ action: ProgressAction, milestone: Int, student: Int, comment: String?, ifMatch seen: IfMatch
    ) async throws -> ProgressEntry {
        if action.needsComment, comment == nil { throw action.commentMissing }
        // Once more where the first step of all was somebody else's at the same moment: from there this one may be possible.
        for _ in 1...2 {
            let step = Self.step(action, milestone, student, comment, seen).affected()
            let standing = Self.standing(milestone, student)
            let (moved, found) = try await Self.refusals {
                guard action == .submit else { return try await work(step, standing) }
                let (moved, found, _) = try await work(step, standing, Self.announcement(student))
                return (moved, found)
            }
            guard let found else { throw CaseworkError.notFound }
            if moved == 1 { return found.progress }
            try seen.check(found.progress.version)
            if found.isRetired { throw MilestoneRepository.retired }
            if found.isArchived {
                throw CaseworkError.conflict(Refusal(.cohortArchived), state: "archived")
            }
            let status = found.progress.status
            guard action.sources(asStudent: found.isForStudent).contains(status) else {
                throw CaseworkError.conflict(
                    Refusal(.stepNotPossible, ["state": .term(status.term)]), state: status.rawValue)
            }
        }
        throw Self.changed
    }

    // MARK: SQL

    /// Where one student stands on one milestone, and what that means to the caller.
    struct Standing: RowDecodable {
        let progress: ProgressEntry
        let isArchived: Bool
        let isRetired: Bool
        let isForStudent: Bool

        init(row: Row) throws {
            progress = try ProgressEntry(row: row)
            isArchived = try row.get("archived")
            isRetired = try row.get("retired")
            isForStudent = try row.get("for_student")
        }
    }

    static func standing(_ milestone: Int, _ student: Int) -> Query<Standing?> {
        SQL(
            """
            select \(ProgressEntry.columns), a.retired, waymark.is_student() as for_student,
                   exists (select from cohorts c where c.id = a.cohort_id and c.archived_at is not null) as archived
              from \(ProgressEntry.everything) a join students s on s.id = a.student_id
             where a.milestone_id = \(milestone) and a.student_id = \(student)
            """
        ).optional(Standing.self)
    }

    /// One statement: step and version are checked in its WHERE, with the row locked. Without a row the state is open and
    /// the version 0; then the row is made, and where somebody else makes it first, nothing happens.
    private static func step(
        _ action: ProgressAction, _ milestone: Int, _ student: Int, _ comment: String?, _ seen: IfMatch
    ) -> SQL {
        """
        with asked as (
          select a.milestone_id, a.student_id, a.cohort_id, a.completion,
                 case when waymark.is_student() then \(action.sources(asStudent: true).map(\.rawValue))::text[]
                      else \(action.sources(asStudent: false).map(\.rawValue))::text[] end as sources
            from assignments a
            join cohorts c on c.id = a.cohort_id and c.archived_at is null
           where a.milestone_id = \(milestone) and a.student_id = \(student)),
        old as (
          select p.milestone_id, p.student_id, p.status, p.version
            from progress p where p.milestone_id = \(milestone) and p.student_id = \(student) for update),
        moved as (
          update progress p
             set status = \(action.target), comment = \(comment), updated_at = now(), version = p.version + 1
            from old, asked q
           where p.milestone_id = old.milestone_id and p.student_id = old.student_id and old.status = any (q.sources)
             and \(seen.accepts("old.version"))
          returning p.milestone_id, p.student_id, p.cohort_id, old.status as was, p.status, p.comment),
        made as (
          insert into progress (milestone_id, student_id, cohort_id, completion, status, comment, updated_at)
          select q.milestone_id, q.student_id, q.cohort_id, q.completion, \(action.target), \(comment), now()
            from asked q
           where 'open' = any (q.sources) and not exists (select from old) and \(seen.accepts("0"))
          on conflict (milestone_id, student_id) do nothing
          returning milestone_id, student_id, cohort_id, 'open' as was, status, comment),
        done as (select * from moved union all select * from made),
        noted as (
          insert into progress_events (milestone_id, student_id, cohort_id, from_status, to_status, comment)
          select milestone_id, student_id, cohort_id, was, status, comment from done)
        insert into audit (action, subject, before, after)
        select \("progress.\(action.rawValue)"), 'progress/' || milestone_id || '/' || student_id,
               jsonb_build_object('status', was),
               jsonb_build_object('status', status, 'comment', comment, 'cohortId', cohort_id)
          from done
        """
    }

    /// Where the last step was this transaction's: of a shared milestone in several cohorts.
    private static func announcement(_ student: Int) -> Query<Void> {
        Outbox.announce(
            """
            from progress where student_id = \(student) and status = 'submitted' and updated_at = now()
            """)
    }

    private static let changed = CaseworkError.conflict(Refusal(.milestoneChanged))
    private static let refusals: Refusals = [
        "progress_student_id_fkey": .notFound,
        "progress_events_student_id_fkey": .notFound,
        "progress_milestone_id_fkey": changed,
    ]
}
