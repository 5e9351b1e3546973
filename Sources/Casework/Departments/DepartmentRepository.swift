import Postgres
import Tenancy

/// Departments and who directs them. Admins keep both.
public struct DepartmentRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let table = NameTable<Department>(table: "departments", noun: "department")
    private static let refusals: Refusals = [
        "departments_name_key": .conflict(Refusal(.departmentNameTaken), field: "name"),
        "groups_department_id_fkey": inUse(by: [Blocker(.someGroups)]),
        "department_directors_account_id_fkey": .invalid("accountId", .notADirector),
    ]

    private static func inUse(by groups: [Blocker]) -> CaseworkError {
        .conflict(Refusal(.departmentInUse), blockedBy: groups)
    }

    /// Departments by name, those whose name contains `search`.
    public static func list(search: String?, _ page: PageRequest) throws -> Reading<Page<Department>> {
        try table.list(search: search, page)
    }

    /// Departments in which the caller may keep groups, by name: an admin in all, a director in the own.
    public static func forGroups() -> Reading<[Department]> {
        Reading(
            ("""
            select id, name, version from departments where waymark.may_edit_group(id) order by lower(name), id
            """ as SQL).all(Department.self))
    }

    /// One department.
    /// - Throws: `notFound`.
    public static func find(_ id: Int) -> Reading<Department> { table.find(id) }

    /// Makes a department.
    /// - Throws: `conflict` where the name is taken.
    public func create(_ draft: DepartmentDraft) async throws -> Department {
        try await Self.refusals { try await work(Self.table.create(draft)) }
    }

    /// Changes a department.
    /// - Throws: `notFound`, `preconditionFailed`, `conflict` where the name is taken.
    public func update(_ id: Int, _ patch: DepartmentPatch, ifMatch: IfMatch) async throws -> Department {
        try await Self.refusals { try await Self.table.update(id, patch, ifMatch: ifMatch, in: work) }
    }

    /// Deletes a department that has no groups, archived ones included; its directorships go with it.
    /// - Throws: `notFound`, `preconditionFailed`, `conflict` naming the groups.
    public func delete(_ id: Int, ifMatch: IfMatch) async throws {
        let (matched, groups) = try await Self.refusals {
            try await work(
                ("""
                with old as (
                        select d.id, d.name, \(ifMatch.accepts("d.version")) as matched,
                            array(select account_id from department_directors where department_id = d.id order by 1) as directors
                        from departments d where d.id = \(id) for update),
                    gone as (
                        delete from departments d using old
                        where d.id = old.id and old.matched
                            and not exists (select from groups where department_id = old.id)
                        returning d.id, d.name, old.directors),
                    noted as (
                        insert into audit (action, subject, before)
                        select 'department.delete', 'department/' || id,
                            jsonb_build_object('name', name, 'directors', directors)
                        from gone)
                select matched from old
                """ as SQL).optionalValue(Bool.self),
                ("select name from groups where department_id = \(id) order by lower(name), id limit 20" as SQL)
                    .values(String.self))
        }
        guard let matched else { throw CaseworkError.notFound }
        guard matched else { throw CaseworkError.preconditionFailed }
        guard groups.isEmpty else { throw Self.inUse(by: Blocker.named(groups)) }
    }

    /// Who directs the department, by name.
    /// - Throws: `notFound`.
    public static func directors(of department: Int, _ page: PageRequest) throws -> Reading<Page<Director>> {
        try Reading(
            ("select exists (select from departments where id = \(department)) as found" as SQL).value(Bool.self),
            ("""
            select a.id, a.name, a.email, lower(a.name) as sort_name
            from department_directors d join accounts a on a.id = d.account_id
            where d.department_id = \(department) and \(page.following("lower(a.name)", "a.id"))
            order by lower(a.name), a.id limit \(page.fetch)
            """ as SQL).all(SortedRow<Director>.self)
        ) { exists, rows in
            guard exists else { throw CaseworkError.notFound }
            return page.page(rows, id: \.id)
        }
    }

    /// Makes an account a director of the department; once more changes nothing.
    /// - Throws: `notFound`, `invalid` where the account's role is another or it is archived.
    public func addDirector(_ account: Int, to department: Int) async throws {
        let able = try await Self.refusals {
            try await work(
                ("""
                with person as (
                        select a.id, a.role = 'director' and a.status <> 'archived' as able, d.id as department
                        from accounts a cross join departments d where a.id = \(account) and d.id = \(department)),
                    new as (
                        insert into department_directors (department_id, account_id)
                        select department, id from person where able
                        on conflict (department_id, account_id) do nothing
                        returning department_id, account_id),
                    noted as (
                        insert into audit (action, subject, after)
                        select 'directorship.create', 'department/' || department_id,
                            jsonb_build_object('accountId', account_id)
                        from new)
                select able from person
                """ as SQL).optionalValue(Bool.self))
        }
        guard let able else { throw CaseworkError.notFound }
        guard able else { throw CaseworkError.invalid("accountId", .notADirector) }
    }

    /// Ends a directorship.
    /// - Throws: `notFound` where there is none.
    public func removeDirector(_ account: Int, from department: Int) async throws {
        let removed = try await work(
            ("""
            with gone as (
                    delete from department_directors where department_id = \(department) and account_id = \(account)
                    returning department_id, account_id),
                noted as (
                    insert into audit (action, subject, before)
                    select 'directorship.delete', 'department/' || department_id,
                        jsonb_build_object('accountId', account_id)
                    from gone)
            select exists (select from gone) as removed
            """ as SQL).value(Bool.self))
        guard removed else { throw CaseworkError.notFound }
    }
}

extension Permission {
    /// A department.
    public static func department(_ id: Int) -> Permission { Permission("select from departments where id = \(id)") }
}
