import Postgres
import Tenancy

/// Reads the records of students.
public enum StudentRepository {
    /// One student's record. That it was read is audited in the same transaction, with the reason.
    /// - Throws: `CaseworkError.notFound` where the student is in no cohort of the caller's scope.
    public static func read(_ id: Int) -> Reading<StudentRecord> {
        Reading(
            SQL(
                """
                select id, email, given_name, family_name, preferred_name, name, status, student_number, version
                  from students where id = \(id)
                """
            ).optional(StudentRecord.Account.self),
            SQL(
                """
                select c.id, c.name, k.name as category
                  from enrollments e
                  join cohorts c on c.id = e.cohort_id and c.archived_at is null
                  join cohort_categories k on k.id = c.category_id
                 where e.student_id = \(id) and e.active order by lower(c.name), c.id
                """
            ).all(Dashboard.Cohort.self),
            SQL(
                """
                select \(ProgressEntry.columns)
                  from assignments a
                  join cohorts c on c.id = a.cohort_id and c.archived_at is null
                  join students s on s.id = a.student_id
                 where a.student_id = \(id) order by a.due_on nulls last, a.milestone_id
                """
            ).all(ProgressEntry.self),
            SQL(
                """
                select \(ProgressEntry.columns)
                  from \(ProgressEntry.everything) a
                  join cohorts c on c.id = a.cohort_id and c.archived_at is null
                  join students s on s.id = a.student_id
                 where a.student_id = \(id) and a.retired order by a.updated_at desc, a.milestone_id
                """
            ).all(ProgressEntry.self),
            SupportNetwork.query(
                of: """
                    cohort_id in (select e.cohort_id from enrollments e
                        join cohorts c on c.id = e.cohort_id and c.archived_at is null
                        where e.student_id = \(id) and e.active)
                    """),
            SQL("select cohort_id, group_id from reasons where student_id = \(id) order by cohort_id, group_id")
                .all(StudentRecord.Reason.self),
            SQL(
                """
                select e.cohort_id, e.contact_id
                  from enrollments e join cohorts c on c.id = e.cohort_id and c.archived_at is null
                 where e.student_id = \(id) and e.active and e.contact_id is not null
                """
            ).all(PersonalContact.self),
            StudentReading.note(of: id)
        ) { account, cohorts, milestones, retired, network, why, contacts, _ in
            guard let account else { throw CaseworkError.notFound }
            var network = network
            network.contacts = Set(contacts.map(\.account))
            return StudentRecord(
                account: account, cohorts: cohorts, milestones: milestones, retired: retired, network: network,
                why: why,
                contacts: Dictionary(contacts.map { ($0.cohort, $0.account) }) { first, _ in first })
        }
    }

    private struct PersonalContact: RowDecodable {
        let cohort, account: Int

        init(row: Row) throws {
            cohort = try row.get("cohort_id")
            account = try row.get("contact_id")
        }
    }
}
