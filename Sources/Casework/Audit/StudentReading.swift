import Postgres

/// A look at what concerns a student, by somebody who is not that student.
enum StudentReading {
    /// Audits, in the same transaction, that somebody who is not the student sees what concerns the student, and why.
    /// - Parameter milestone: where only that is looked at.
    static func note(of id: Int, milestone: Int? = nil) -> Query<Void> {
        SQL(
            """
            insert into audit (action, subject, after)
            select 'student.read', 'student/' || s.id,
                   jsonb_strip_nulls(jsonb_build_object('milestoneId', \(milestone)::int, 'why', coalesce(
                     (select jsonb_agg(jsonb_build_object('cohortId', r.cohort_id, 'groupId', r.group_id)
                             order by r.cohort_id, r.group_id)
                        from reasons r where r.student_id = s.id), '[]')))
              from students s
             where s.id = \(id) and not waymark.is_student()
               and (\(milestone)::int is null
                 or exists (select from assignments a where a.student_id = s.id and a.milestone_id = \(milestone)::int))
            """
        ).done()
    }
}
