import Postgres

/// What hangs on a person: reasons against removing them or changing their role.
struct AccountTies: Sendable, RowDecodable {
    let otherActiveAdmins: Int
    /// Names of cohorts the person is in, or left behind work in.
    let cohorts: [String]
    let groups: [String]
    let departments: [String]
    let events: Int

    init(row: Row) throws {
        otherActiveAdmins = try row.get("other_admins")
        cohorts = try row.get("cohorts")
        groups = try row.get("groups")
        departments = try row.get("departments")
        events = try row.get("events")
    }

    var enrollments: [Blocker] { cohorts.map { Blocker(.cohort, name: $0) } }

    var all: [Blocker] {
        enrollments + groups.map { Blocker(.group, name: $0) } + departments.map { Blocker(.department, name: $0) }
            + (events == 0 ? [] : [Blocker(.progressEvents, count: events)])
    }

    /// Locks the account and reads what hangs on it.
    /// - Parameter amongAdmins: locks all admins first, always in the same order: two who demote each other at the same
    ///   moment then see each other's work. Their keys stay free, so that they can sign in and work meanwhile.
    /// - Parameter alone: keeps everybody from tying something to the person meanwhile, a session too.
    static func lock(
        _ id: Int, amongAdmins: Bool, alone: Bool, in transaction: Transaction
    ) async throws -> (Account, AccountTies) {
        let admins: SQL =
            "select id from accounts where role = 'admin' and \(amongAdmins) order by id for no key update"
        let strength: SQL = alone ? "for update" : "for no key update"
        let row: SQL = "select \(Account.columns) from accounts where id = \(id) \(strength)"
        let ties: SQL = """
            select
                (select count(*) from accounts where role = 'admin' and status = 'active' and id <> \(id)) as other_admins,
                array(
                    select c.name from enrollments e join cohorts c on c.id = e.cohort_id
                    where e.student_id = \(id) and (e.active or \(worked)) order by c.name limit 20) as cohorts,
                array(
                    select g.name from group_members m join groups g on g.id = m.group_id
                    where m.account_id = \(id) order by g.name limit 20) as groups,
                array(
                    select d.name from department_directors x join departments d on d.id = x.department_id
                    where x.account_id = \(id) order by d.name limit 20) as departments,
                (select count(*) from progress_events where actor_id = \(id))
                    + (select count(*) from progress_events where student_id = \(id)) as events
            """
        let (_, account, found) = try await transaction(
            admins.done(), row.optional(Account.self), ties.one(AccountTies.self))
        guard let account else { throw CaseworkError.notFound }
        return (account, found)
    }

    /// Enrollments that ended before anything happened in them keep nobody's work.
    static func dropIdleEnrollments(of id: Int, if wanted: Bool) -> Query<Void> {
        let sql: SQL = """
            delete from enrollments e where e.student_id = \(id) and \(wanted) and not e.active and not \(worked)
            """
        return sql.done()
    }

    private static let worked: SQL =
        "exists (select from progress p where p.cohort_id = e.cohort_id and p.student_id = e.student_id)"

    /// - Parameter next: the account afterwards; nil where it is removed.
    func checkAdminsRemain(after current: Account, becomes next: (role: Role, status: AccountStatus)?) throws {
        guard current.isActiveAdmin, otherActiveAdmins == 0 else { return }
        if let next, next.role == .admin, next.status == .active { return }
        throw CaseworkError.conflict(Refusal(.lastAdmin))
    }
}
