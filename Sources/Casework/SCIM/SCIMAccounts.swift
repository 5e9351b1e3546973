import Postgres
import Tenancy

/// Has accounts follow the users of SCIM: makes them, ties those to users that have the same address, and changes them.
///
/// A user gets an account once a rule gives a role. An account that was there before keeps its role, as does one whose role an
/// admin has chosen since; of an admin's account nothing follows but whether the person may come in. What SCIM has suspended SCIM
/// lets in again, and nothing else.
struct SCIMAccounts: Sendable {
    let work: UnitOfWork
    let passwords: PasswordHasher

    /// Users whose accounts could not follow, and why.
    typealias Problems = [Int: CaseworkError]

    /// Does it for these users, after a change of their groups or of the rules.
    /// - Parameters:
    ///   - mostLosing: how many people may lose by it; nil for any number, as a provider is not asked.
    ///   - transaction: one of `work`.
    /// - Throws: `CaseworkError.conflict` where more people lose by it; the transaction must be given up then.
    func follow(
        _ users: [Int], mostLosing: Int? = nil, in transaction: Transaction, after change: () async throws -> Void = {}
    ) async throws -> Problems {
        let lock: SQL = "select id from scim_users where id = any (\(users)::int[]) order by id for update"
        let (_, before) = try await transaction(lock.done(), Self.memberships(of: users))
        try await change()
        let wanted = try await transaction(Self.memberships(of: users))
        let ended = before.subtracting(wanted)
        if let mostLosing { try await check(users, leaving: ended, most: mostLosing, in: transaction) }
        var problems: Problems = [:]
        for some in Self.parts(of: users) { try await follow(some, in: transaction, &problems) }
        if !before.isEmpty || !wanted.isEmpty { _ = try await transaction(Self.end(ended), Self.begin(wanted)) }
        return problems
    }

    /// A statement about very many, of whom the planner knows nothing yet, might never end.
    private static func parts(of users: [Int]) -> [[Int]] {
        let size = 500
        return stride(from: 0, to: users.count, by: size).map { Array(users.dropFirst($0).prefix(size)) }
    }

    /// - Throws: `CaseworkError.conflict` where more people than that are suspended, get a lesser role, or leave a support group.
    private func check(
        _ users: [Int], leaving: Set<Membership>, most: Int, in transaction: Transaction
    ) async throws {
        let gone: [Int] = try await transaction(Self.members(of: leaving))
        var losing = Set(gone)
        for some in Self.parts(of: users) {
            let found = try await transaction(Self.read(some).all(Follower.self))
            losing.formUnion(found.filter(\.isLosing).map(\.user))
        }
        guard losing.count > most else { return }
        throw CaseworkError.conflict(
            Refusal(.tooManyLosing, ["people": .number(losing.count), "most": .number(most)]))
    }

    private func follow(_ users: [Int], in transaction: Transaction, _ problems: inout Problems) async throws {
        let (_, found) = try await transaction(Self.makeAccounts(for: users), Self.read(users).all(Follower.self))
        var changed: [Follower] = []
        for follower in found {
            do {
                let next = try await follow(follower, in: transaction)
                if next != follower { changed.append(next) }
            } catch let error as CaseworkError {
                problems[follower.user] = error
                changed.append(follower.failed(error))
            }
        }
        if !changed.isEmpty { _ = try await transaction(Self.keep(changed)) }
    }

    private func follow(_ follower: Follower, in transaction: Transaction) async throws -> Follower {
        guard let account = follower.account else {
            if let refusal = follower.refusal { throw refusal }
            return follower.failed(nil)
        }
        let (patch, next) = follower.change
        if let patch {
            // a step of its own: where it is refused, it alone is undone
            let accounts = AccountRepository(work: work.within(transaction))
            _ = try await accounts.update(account, patch, ifMatch: .any, hashing: passwords)
        }
        return next.failed(nil)
    }

    /// What a user is called: whole where there is no name in parts.
    private static let givenName: SQL = """
        case when u.given_name || u.family_name = '' then left(coalesce(u.display_name, u.user_name), 200)
            else u.given_name end
        """

    /// The greatest role that a group gives, else everybody's; null where there is none.
    private static let role: SQL = """
        coalesce(
            (select r.role from (\(SCIMNesting.groups(of: "u.id"))) m
              join scim_group_rules r on r.scim_group_id = m.scim_group_id
              order by array_position(array['director', 'manager', 'staff', 'student'], r.role) limit 1),
            (select default_role from scim_rules where id = 1))
        """

    /// Ties accounts of the same address, and makes those that are missing, as students: a role is given afterwards, like any
    /// change of a role.
    private static func makeAccounts(for users: [Int]) -> Query<Void> {
        let sql: SQL = """
            with todo as (
                select distinct on (lower(u.email)) u.id, u.email, \(givenName) as given_name, u.family_name,
                    case when not exists (select from accounts a where a.student_number = u.employee_number)
                        then u.employee_number end as number
                from scim_users u
                where u.id = any (\(users)::int[]) and u.account_id is null and u.active and u.email is not null
                    and \(role) is not null
                order by lower(u.email), u.id),
            new as (
                insert into accounts (email, given_name, family_name, role, student_number)
                select t.email, t.given_name, t.family_name, 'student', t.number from todo t
                where not exists (select from accounts a where lower(a.email) = lower(t.email))
                returning \(Account.columns)),
            noted as (
                insert into audit (action, subject, after)
                select 'account.create', 'account/' || id, \(Account.audited) || '{"password": "none"}'::jsonb from new),
            made as (
                update scim_users u set account_id = n.id, granted_role = 'student', granted_number = n.student_number
                from new n join todo t on lower(t.email) = lower(n.email) where u.id = t.id)
            update scim_users u set account_id = a.id
            from todo t join accounts a on lower(a.email) = lower(t.email)
            where u.id = t.id and a.status <> 'archived' and not exists (select from scim_users o where o.account_id = a.id)
            """
        return sql.done()
    }

    private static func read(_ users: [Int]) -> SQL {
        """
        select u.id, u.active, u.email, \(givenName) as given_name, u.family_name, \(role) as role, u.granted_role,
            u.employee_number, u.granted_number, u.suspended, u.problem, a.id as account_id, a.role as account_role, a.status as account_status,
            a.email as account_email, a.given_name as account_given_name, a.family_name as account_family_name,
            a.student_number as account_number,
            exists (select from accounts o where lower(o.email) = lower(u.email) and o.status = 'archived') as is_archived
        from scim_users u left join accounts a on a.id = u.account_id
        where u.id = any (\(users)::int[]) order by u.id
        """
    }

    // MARK: Support groups

    /// A user, and the support group that a rule gives.
    private struct Membership: Hashable, Sendable, RowDecodable {
        let user: Int
        let group: Int

        init(row: Row) throws {
            user = try row.get("scim_user_id")
            group = try row.get("group_id")
        }
    }

    private static func memberships(of users: [Int]) -> Query<Set<Membership>> {
        let sql: SQL = """
            select distinct w.id as scim_user_id, r.group_id from unnest(\(users)::int[]) w (id)
            cross join lateral (\(SCIMNesting.groups(of: "w.id"))) m
            join scim_group_rules r on r.scim_group_id = m.scim_group_id
            where r.group_id is not null
            """
        return sql.all(Membership.self).map { Set($0) }
    }

    /// Whose accounts are members.
    private static func members(of memberships: Set<Membership>) -> Query<[Int]> {
        let list = Array(memberships)
        let sql: SQL = """
            select u.id from unnest(\(list.map(\.user))::int[], \(list.map(\.group))::int[]) as w (user_id, group_id)
            join scim_users u on u.id = w.user_id
            join group_members m on m.group_id = w.group_id and m.account_id = u.account_id
            """
        return sql.values()
    }

    /// A student belongs to no support group, whatever a rule says: an admin has chosen that role.
    private static func begin(_ wanted: Set<Membership>) -> Query<Void> {
        let list = Array(wanted)
        let sql: SQL = """
            with new as (
                insert into group_members (group_id, account_id, account_role, manager)
                select distinct g.id, a.id, a.role, false
                from unnest(\(list.map(\.user))::int[], \(list.map(\.group))::int[]) as w (user_id, group_id)
                    join scim_users u on u.id = w.user_id
                    join accounts a on a.id = u.account_id and a.role <> 'student' and a.status <> 'archived'
                    join groups g on g.id = w.group_id and g.archived_at is null
                on conflict (group_id, account_id) do nothing
                returning group_id, account_id)
            insert into audit (action, subject, after)
            select 'membership.create', 'group/' || group_id, jsonb_build_object('accountId', account_id, 'manager', false)
            from new
            """
        return sql.done()
    }

    private static func end(_ ended: Set<Membership>) -> Query<Void> {
        let list = Array(ended)
        let sql: SQL = """
            with old as (
                delete from group_members m
                using unnest(\(list.map(\.user))::int[], \(list.map(\.group))::int[]) as w (user_id, group_id)
                    join scim_users u on u.id = w.user_id
                where m.group_id = w.group_id and m.account_id = u.account_id
                returning m.group_id, m.account_id, m.manager)
            insert into audit (action, subject, before)
            select 'membership.delete', 'group/' || group_id, jsonb_build_object('accountId', account_id, 'manager', manager)
            from old
            """
        return sql.done()
    }

    private static func keep(_ changed: [Follower]) -> Query<Void> {
        let sql: SQL = """
            update scim_users u set granted_role = c.granted, granted_number = c.number, suspended = c.suspended::bool,
                problem = c.problem
            from unnest(\(changed.map(\.user))::int[], \(changed.map { $0.granted?.rawValue })::text[],
                \(changed.map(\.grantedNumber))::text[], \(changed.map { String($0.isSuspended) })::text[],
                \(changed.map(\.problem))::text[])
                as c (id, granted, number, suspended, problem)
            where u.id = c.id
            """
        return sql.done()
    }
}

/// A user, and the account that follows it.
private struct Follower: Sendable, Equatable, RowDecodable {
    let user: Int
    let isActive: Bool
    let email: String?
    let givenName: String
    let familyName: String
    /// What the rules give.
    let role: Role?
    /// The role that SCIM has given the account.
    var granted: Role?
    /// The number that the provider sends.
    let number: String?
    /// The number that SCIM has given the account.
    var grantedNumber: String?
    /// Whether SCIM has suspended it.
    var isSuspended: Bool
    var problem: String?
    let account: Int?
    let present: Present?
    let isArchived: Bool

    /// The account as it is.
    struct Present: Equatable {
        let role: Role
        let status: AccountStatus
        let email: String
        let givenName: String
        let familyName: String
        let number: String?
    }

    init(row: Row) throws {
        user = try row.get("id")
        isActive = try row.get("active")
        email = try row.get("email")
        givenName = try row.get("given_name")
        familyName = try row.get("family_name")
        role = try row.get("role")
        granted = try row.get("granted_role")
        number = try row.get("employee_number")
        grantedNumber = try row.get("granted_number")
        isSuspended = try row.get("suspended")
        problem = try row.get("problem")
        account = try row.get("account_id")
        isArchived = try row.get("is_archived")
        present =
            account == nil
            ? nil
            : Present(
                role: try row.get("account_role"), status: try row.get("account_status"),
                email: try row.get("account_email"), givenName: try row.get("account_given_name"),
                familyName: try row.get("account_family_name"),
                number: try row.get("account_number"))
    }

    /// Why there is no account though a rule gives a role; nil where none is to be there.
    var refusal: CaseworkError? {
        guard isActive, role != nil else { return nil }
        guard email != nil else { return .invalid("emails", .required) }
        return .conflict(Refusal(isArchived ? .addressTakenByArchived : .addressTaken), field: "emails")
    }

    /// The same with what keeps the account behind; nil for nothing.
    func failed(_ error: CaseworkError?) -> Follower {
        var next = self
        next.problem =
            switch error {
            case nil: nil
            case .conflict(let refusal, _, _, _): refusal.code.rawValue
            case .invalid(let problems): problems.first?.refusal.code.rawValue
            default: Refusal.Code.notAccepted.rawValue
            }
        return next
    }

    /// What changes about the account, nil for nothing, and what is to be remembered then.
    var change: (AccountPatch?, Follower) {
        // an archived account is as an admin has left it
        guard let present, present.status != .archived else { return (nil, self) }
        var next = self
        var patch = AccountPatch()
        if present.role != .admin {
            if let role, role != present.role, granted == present.role { patch.role = role }
            if let role, role == patch.role ?? present.role { next.granted = role }
            if let email, email != present.email { patch.email = try? EmailAddress(email) }
            if givenName != present.givenName { patch.givenName = givenName }
            if familyName != present.familyName { patch.familyName = familyName }
            // a number that the provider does not know stays as others have given it
            if number != present.number, number != nil || grantedNumber == present.number {
                patch.studentNumber = number.map(Patch.value) ?? .null
            }
            next.grantedNumber = number
        }
        // whose role was SCIM's, and who has none any more, stays outside
        let mayEnter = isActive && (role != nil || granted != present.role)
        switch present.status {
        case .active where !mayEnter:
            patch.status = .suspended
            next.isSuspended = true
        case .suspended where mayEnter && isSuspended:
            patch.status = .active
            next.isSuspended = false
        case .active: next.isSuspended = false
        case .suspended, .archived: break
        }
        return (patch.isEmpty ? nil : patch, next)
    }

    /// Whether the account is suspended by that change, or gets a lesser role. Who is let in again loses nothing.
    var isLosing: Bool {
        guard let patch = change.0, let present, patch.status != .active else { return false }
        let greater = Role.allCases.prefix { $0 != present.role }
        return patch.status == .suspended || patch.role.map { !greater.contains($0) } ?? false
    }
}

extension AccountPatch {
    fileprivate var isEmpty: Bool {
        email == nil && givenName == nil && familyName == nil && role == nil && status == nil
            && !studentNumber.isPresent
    }
}
