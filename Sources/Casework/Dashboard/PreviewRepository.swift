import Postgres
import Tenancy

/// The dashboard as a student would get it, for an admin who wants to look before it is switched on.
public struct Preview: Sendable {
    /// The student's name; empty for somebody who joins the cohort now.
    public let name: String
    /// What they would see.
    public let dashboard: Dashboard
}

/// Reads previews. What row security shows a student stands here as conditions, since an admin sees every row:
/// `PreviewPagesTests` holds one against the other.
public enum PreviewRepository {
    /// The dashboard of a student of a cohort, with all cohorts the student is in; without a student, of somebody who joins
    /// this cohort now. A look at a student's is audited as one at the record.
    /// - Throws: `CaseworkError.notFound` where there is no such cohort, or the student is not in it.
    public static func read(student: Int?, of cohort: Int) -> Reading<Preview> {
        let cohortIDs =
            student.map(Self.cohorts(of:)) ?? "select id from cohorts where id = \(cohort) and archived_at is null"
        let milestones = student.map(Self.assignments(of:)) ?? Self.newcomer
        return Reading(
            SQL(
                """
                select name from my_students where cohort_id = \(cohort) and id = \(student)::int
                union all select '' from cohorts where id = \(cohort) and \(student)::int is null
                """
            ).optionalValue(String.self),
            SQL(
                """
                select c.id, c.name, k.name as category from cohorts c join cohort_categories k on k.id = c.category_id
                 where c.id in (\(cohortIDs)) order by lower(c.name), c.id
                """
            ).all(Dashboard.Cohort.self),
            SQL("\(milestones) where cohort_id in (\(cohortIDs)) order by due_on nulls last, milestone_id")
                .all(Dashboard.Item.self),
            SQL(
                """
                select id, milestone_id, name, content_type, size from milestone_files
                 where cohort_id in (\(cohortIDs)) and milestone_saved and complete order by milestone_id, lower(name), id
                """
            ).all(Dashboard.File.self),
            SupportNetwork.query(of: "carded and cohort_id in (\(cohortIDs))"),
            SQL(
                """
                insert into audit (action, subject, after)
                select 'student.read', 'student/' || id, jsonb_build_object('why', '[]'::jsonb, 'preview', true)
                  from my_students where cohort_id = \(cohort) and id = \(student)::int
                """
            ).done()
        ) { name, cohorts, items, files, network, _ in
            guard let name else { throw CaseworkError.notFound }
            return Preview(
                name: name,
                dashboard: Dashboard(
                    cohorts: cohorts, milestones: Dashboard.once(items), files: files, supportNetwork: network))
        }
    }

    private static func cohorts(of student: Int) -> SQL {
        """
        select e.cohort_id from enrollments e join cohorts c on c.id = e.cohort_id and c.archived_at is null
         where e.student_id = \(student) and e.active
        """
    }

    private static func assignments(of student: Int) -> SQL {
        """
        select milestone_id, cohort_id, title, due_on, regular_due_on, description, status, overdue, completion, comment, version,
               extension, granted_on, asked_for, extension_comment, extension_version, shared_id
          from (select milestone_id, cohort_id, title, due_on, regular_due_on, description, status, overdue, completion, comment,
                       version, extension, granted_on, asked_for, extension_comment, extension_version, shared_id
                  from assignments where student_id = \(student)) a
        """
    }

    /// Every milestone open, with a due date that counts from today.
    private static let newcomer: SQL = """
        select milestone_id, cohort_id, title, due_on, description, 'open' as status, waymark.is_overdue(due_on, today, 'open') as overdue,
               completion, null::text as comment, 0 as version, due_on as regular_due_on, null::text as extension,
               shared_id
          from (select m.id as milestone_id, m.cohort_id, m.title, waymark.due_on(m.due_on, m.due_after_days, s.today) as due_on,
                       m.description, m.completion, m.shared_id, s.today
                  from milestones m
                 cross join (select waymark.day_of(now(), time_zone) as today from settings) s
                 where m.saved) a
        """
}
