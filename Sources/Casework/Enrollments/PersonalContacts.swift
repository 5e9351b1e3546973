import Postgres
import Tenancy

extension Permission {
    /// A student's personal contact in a cohort: whoever answers there names it.
    public static func contact(of student: Int, in cohort: Int) -> Permission {
        Permission(
            "select from enrollments where cohort_id = \(cohort) and student_id = \(student) and active",
            editable: "waymark.may_act_in_cohort(\(cohort))")
    }
}

/// Whose personal contact is who: named by those who act in the cohort, for themselves or for a colleague.
public struct PersonalContacts: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private struct Finding: RowDecodable {
        let acts, archived, enrolled, supports: Bool

        init(row: Row) throws {
            acts = try row.get("acts")
            archived = try row.get("archived")
            enrolled = try row.get("enrolled")
            supports = try row.get("supports")
        }
    }

    /// Names a student's personal contact in a cohort.
    /// - Parameter account: a member of a group that is attached to the cohort; nil: nobody any more.
    /// - Throws: `notFound` where the student is in no such cohort of the caller's scope; `forbidden` for who does not act
    ///   there; `invalid` for who does not support the cohort; `conflict` where it is archived.
    public func name(_ account: Int?, of student: Int, in cohort: Int) async throws {
        let found = try await work(
            ("""
            with place as (
                    select c.id, c.archived_at is not null as archived, waymark.may_act_in_cohort(c.id) as acts,
                        exists (select from enrollments e
                            where e.cohort_id = c.id and e.student_id = \(student) and e.active) as enrolled,
                        \(account)::int is null or exists (select from support_network n
                            where n.cohort_id = c.id and n.account_id = \(account)::int) as supports
                    from cohorts c where c.id = \(cohort)),
                old as (
                    select e.cohort_id, e.student_id, e.contact_id from enrollments e join place p on p.id = e.cohort_id
                    where e.student_id = \(student) and e.active and p.acts and p.supports and not p.archived
                        and e.contact_id is distinct from \(account)::int),
                \(Self.change(to: "\(account)::int"))
            select acts, archived, enrolled, supports from place
            """ as SQL).optional(Finding.self))
        guard let found, found.enrolled else { throw CaseworkError.notFound }
        guard found.acts else { throw CaseworkError.forbidden }
        guard !found.archived else { throw CaseworkError.archivedCohort }
        guard found.supports else { throw CaseworkError.invalid("accountId", .notInNetwork) }
    }

    /// Makes the caller the personal contact of some students, in each of their cohorts that the caller's groups support.
    /// - Returns: of how many the caller was not yet.
    public func takeOn(_ students: [Int]) async throws -> Int {
        try await work(
            ("""
            with old as (
                    select e.cohort_id, e.student_id, e.contact_id
                    from enrollments e join cohorts c on c.id = e.cohort_id and c.archived_at is null
                    where e.student_id = any (\(students)::int[]) and e.active and waymark.may_act_in_cohort(c.id)
                        and e.contact_id is distinct from waymark.account_id()
                        and exists (select from support_network n
                            where n.cohort_id = c.id and n.account_id = waymark.account_id())),
                \(Self.change(to: "waymark.account_id()"))
            select count(distinct student_id)::int from changed
            """ as SQL).value(Int.self))
    }

    /// Gives students of a cohort the personal contacts that they have in another one, as far as those support this one too.
    func keep(of students: [Int], from original: Int, in cohort: Int) async throws {
        try await work(
            ("""
            with old as (
                    select e.cohort_id, e.student_id, e.contact_id, o.contact_id as kept
                    from enrollments e join enrollments o on o.student_id = e.student_id and o.cohort_id = \(original)
                    where e.cohort_id = \(cohort) and e.student_id = any (\(students)::int[]) and e.active
                        and e.contact_id is distinct from o.contact_id
                        and o.contact_id in (select n.account_id from support_network n where n.cohort_id = \(cohort))),
                \(Self.change(to: "old.kept"))
            select from changed
            """ as SQL).done())
    }

    /// Changes the enrollments `old`, and notes it.
    private static func change(to account: SQL) -> SQL {
        """
        changed as (
                    update enrollments e set contact_id = \(account) from old
                    where e.cohort_id = old.cohort_id and e.student_id = old.student_id
                    returning e.cohort_id, e.student_id, old.contact_id as before, e.contact_id),
                noted as (
                    insert into audit (action, subject, before, after)
                    select 'enrollment.contact', 'cohort/' || cohort_id,
                        jsonb_build_object('studentId', student_id, 'contactId', before),
                        jsonb_build_object('studentId', student_id, 'contactId', contact_id)
                    from changed)
        """
    }
}
