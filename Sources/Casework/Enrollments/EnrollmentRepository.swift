import Postgres
import Tenancy

/// Who is in a cohort. Leaving hides a student's progress and keeps it; joining again brings it back.
public struct EnrollmentRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller; an admin, for what changes.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let refusals: Refusals = [
        "enrollments_cohort_id_fkey": .notFound, "enrollments_student_id_fkey": notAStudent,
    ]
    private static let notAStudent = CaseworkError.invalid("email", .addressOfNoStudent)

    /// The students of a cohort in scope by family name, those whose name, address or number contains `search`.
    /// - Throws: `notFound` where the caller does not see the cohort.
    public static func list(cohort: Int, search: String?, _ page: PageRequest) throws -> Reading<Page<EnrolledStudent>>
    {
        try Reading(
            ("select exists (select from cohorts where id = \(cohort))" as SQL).value(Bool.self),
            ("""
            select id, email, given_name, family_name, preferred_name, name, student_number, sort_name from my_students
            where cohort_id = \(cohort) and \(SQL.search(search, inFolded: "search_text"))
                and \(page.following("sort_name", "id"))
            order by sort_name, id limit \(page.fetch)
            """ as SQL).all(SortedRow<EnrolledStudent>.self)
        ) { exists, rows in
            guard exists else { throw CaseworkError.notFound }
            return page.page(rows, id: \.id)
        }
    }

    /// Puts a student into a cohort.
    /// - Returns: the student, and whether they were not in it before.
    /// - Throws: `notFound`; `conflict` for an archived cohort; `invalid` where the address is no student's.
    public func add(_ email: EmailAddress, to cohort: Int) async throws -> (student: EnrolledStudent, isNew: Bool) {
        // The cohort is asked about last: who archives it at this moment is waited for by `for share`.
        let (student, isNew, target) = try await Self.refusals {
            try await work(
                ("""
                select id, email, given_name, family_name, preferred_name, name, student_number,
                    role = 'student' as enrollable, status = 'archived' as archived
                from accounts where lower(email) = lower(\(email.text))
                """ as SQL).optional(Candidate.self),
                ("""
                with joined as (
                        insert into enrollments as e (cohort_id, student_id)
                        select c.id, a.id from cohorts c, accounts a
                        where c.id = \(cohort) and c.archived_at is null and lower(a.email) = lower(\(email.text))
                            and a.role = 'student' and a.status <> 'archived'
                        for share of c
                        on conflict (cohort_id, student_id) do update set left_at = null, joined_at = now()
                            where e.left_at is not null
                        returning cohort_id, student_id),
                    noted as (
                        insert into audit (action, subject, after)
                        select 'enrollment.create', 'cohort/' || cohort_id, jsonb_build_object('studentId', student_id)
                        from joined)
                select exists (select from joined)
                """ as SQL).value(Bool.self),
                ("select archived_at is not null as archived from cohorts where id = \(cohort)" as SQL)
                    .optionalValue(Bool.self))
        }
        guard let isArchived = target else { throw CaseworkError.notFound }
        if isArchived, !isNew { throw CaseworkError.archivedCohort }
        guard let student else { throw CaseworkError.invalid("email", .addressOfNobody) }
        guard !student.isArchived else { throw CaseworkError.invalid("email", .addressOfArchived) }
        guard student.isEnrollable else { throw Self.notAStudent }
        return (student.student, isNew)
    }

    /// Takes a student out of a cohort.
    /// - Throws: `notFound` where they are not in it; `conflict` for an archived cohort.
    public func remove(_ student: Int, from cohort: Int) async throws {
        let (target, removed) = try await work(
            ("select archived_at is not null as archived from cohorts where id = \(cohort)" as SQL)
                .optionalValue(Bool.self),
            ("""
            with gone as (
                    update enrollments e set left_at = now() from cohorts c
                    where e.cohort_id = \(cohort) and e.student_id = \(student) and e.left_at is null
                        and c.id = e.cohort_id and c.archived_at is null
                    returning e.cohort_id, e.student_id, e.joined_at),
                noted as (
                    insert into audit (action, subject, before)
                    select 'enrollment.delete', 'cohort/' || cohort_id,
                        jsonb_build_object('studentId', student_id, 'joinedAt', joined_at)
                    from gone)
            select exists (select from gone)
            """ as SQL).value(Bool.self))
        guard let isArchived = target else { throw CaseworkError.notFound }
        if isArchived { throw CaseworkError.archivedCohort }
        guard removed else { throw CaseworkError.notFound }
    }

    /// Puts some students into a cohort.
    /// - Returns: how many were not in it before.
    /// - Throws: `notFound`; `conflict` for an archived cohort.
    public func add(_ students: [Int], to cohort: Int) async throws -> Int {
        try await change(
            cohort,
            """
            with joined as (
                    insert into enrollments as e (cohort_id, student_id)
                    select c.id, a.id from cohorts c, accounts a
                    where c.id = \(cohort) and c.archived_at is null and a.id = any (\(students)::int[])
                        and a.role = 'student' and a.status <> 'archived'
                    for share of c
                    on conflict (cohort_id, student_id) do update set left_at = null, joined_at = now()
                        where e.left_at is not null
                    returning cohort_id, student_id),
                noted as (
                    insert into audit (action, subject, after)
                    select 'enrollment.create', 'cohort/' || cohort_id, jsonb_build_object('studentId', student_id)
                    from joined)
            select count(*)::int from joined
            """)
    }

    /// Takes some students out of a cohort.
    /// - Returns: how many were in it.
    /// - Throws: `notFound`; `conflict` for an archived cohort.
    public func remove(_ students: [Int], from cohort: Int) async throws -> Int {
        try await change(
            cohort,
            """
            with gone as (
                    update enrollments e set left_at = now() from cohorts c
                    where e.cohort_id = \(cohort) and e.student_id = any (\(students)::int[]) and e.left_at is null
                        and c.id = e.cohort_id and c.archived_at is null
                    returning e.cohort_id, e.student_id, e.joined_at),
                noted as (
                    insert into audit (action, subject, before)
                    select 'enrollment.delete', 'cohort/' || cohort_id,
                        jsonb_build_object('studentId', student_id, 'joinedAt', joined_at)
                    from gone)
            select count(*)::int from gone
            """)
    }

    /// Makes a change that counts, in a cohort that must be there and not archived.
    private func change(_ cohort: Int, _ change: SQL) async throws -> Int {
        let (count, target) = try await Self.refusals {
            try await work(
                change.value(Int.self),
                ("select archived_at is not null as archived from cohorts where id = \(cohort)" as SQL)
                    .optionalValue(Bool.self))
        }
        guard let isArchived = target else { throw CaseworkError.notFound }
        if isArchived { throw CaseworkError.archivedCohort }
        return count
    }

    private struct Candidate: RowDecodable {
        let student: EnrolledStudent
        let isEnrollable, isArchived: Bool

        init(row: Row) throws {
            student = try EnrolledStudent(row: row)
            isEnrollable = try row.get("enrollable")
            isArchived = try row.get("archived")
        }
    }
}
