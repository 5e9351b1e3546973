import Postgres
import Tenancy

extension ProgressRepository {
    /// Takes back the caller's own last step: status, comment and time are what they were before, and the history tells both.
    /// It can be done for a minute; a student takes back the own completion for as long as nobody else has touched it.
    /// - Parameter seen: the version that the step led to.
    /// - Throws: `CaseworkError.preconditionFailed` where something has happened since, `.conflict` with the present state
    ///   where the last step is not the caller's or too long ago, `.notFound`.
    public func undo(milestone: Int, student: Int, ifMatch seen: IfMatch) async throws -> ProgressEntry {
        let (undone, found, isOwn) = try await work(
            Self.undo(milestone, student, seen).affected(), Self.standing(milestone, student),
            SQL(
                """
                select v.actor_id is not distinct from waymark.account_id() and not v.undo from progress_events v
                 where v.milestone_id = \(milestone) and v.student_id = \(student) and v.enrolled order by v.id desc limit 1
                """
            ).optionalValue(Bool.self))
        guard let found else { throw CaseworkError.notFound }
        if undone == 1 { return found.progress }
        try seen.check(found.progress.version)
        if found.isRetired { throw MilestoneRepository.retired }
        if found.isArchived { throw CaseworkError.conflict(Refusal(.cohortArchived), state: "archived") }
        throw CaseworkError.conflict(
            Refusal(isOwn == true ? .undoTooLate : .undoNotLast), state: found.progress.status.rawValue)
    }

    /// Takes back many of the caller's last steps, each in a transaction of its own.
    /// - Parameter seen: which, each with the version that the step led to.
    public func undo(_ seen: [(key: ProgressKey, version: IfMatch)]) async throws -> ManyAnswers {
        try await many(seen) { key, version in
            _ = try await Permission.undo(milestone: key.milestone, student: key.student).check(
                in: work, changing: true)
            return try await undo(milestone: key.milestone, student: key.student, ifMatch: version)
        }
    }

    /// What the caller, a student, has completed, with nobody else's step since: it can be taken back.
    public static func ownCompletions() -> Reading<[ProgressKey]> {
        Reading(
            SQL(
                """
                select p.milestone_id, p.student_id from progress p
                 where p.student_id = waymark.account_id() and p.status = 'completed' and p.completion = 'student'
                   and (select v.actor_id = p.student_id and not v.undo from progress_events v
                         where v.milestone_id = p.milestone_id and v.student_id = p.student_id
                         order by v.id desc limit 1)
                """
            ).all(ProgressKey.self))
    }

    private static func undo(_ milestone: Int, _ student: Int, _ seen: IfMatch) -> SQL {
        """
        with done as (
          select a.milestone_id, a.student_id, u.in_cohort, u.was, u.became
            from assignments a cross join lateral undo_step(a.milestone_id, a.student_id, a.version) u
           where a.milestone_id = \(milestone) and a.student_id = \(student) and \(seen.accepts("a.version")))
        insert into audit (action, subject, before, after)
        select 'progress.undo', 'progress/' || milestone_id || '/' || student_id,
               jsonb_build_object('status', was), jsonb_build_object('status', became, 'cohortId', in_cohort)
          from done
        """
    }
}

extension Permission {
    /// One student's progress on a milestone, whose last step the caller takes back.
    public static func undo(milestone: Int, student: Int) -> Permission {
        let assignment: SQL =
            "from \(ProgressEntry.everything) a where milestone_id = \(milestone) and student_id = \(student)"
        return Permission(
            "select " + assignment,
            editable: "coalesce((select waymark.is_student() or waymark.may_act_in_cohort(cohort_id) " + assignment
                + "), false)")
    }
}
