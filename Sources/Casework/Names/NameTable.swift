import Postgres
import Tenancy

/// The statements that read, add and rename the objects of one table.
struct NameTable<Object: NamedObject>: Sendable {
    let table: SQL
    /// What the audit calls one: `category` for `category.create` and `category/12`.
    let noun: String

    /// The objects by name, those whose name contains `search`.
    func list(search: String?, _ page: PageRequest) throws -> Reading<Page<Object>> {
        try Reading(
            ("""
            select \(Object.columns), lower(name) as sort_name from \(table)
            where \(SQL.search(search, in: "name")) and \(page.following("lower(name)", "id"))
            order by lower(name), id limit \(page.fetch)
            """ as SQL).all(SortedRow<Object>.self)
        ) { page.page($0, id: \.id) }
    }

    /// One object; nil where the caller sees none.
    func row(_ id: Int) -> Query<Object?> {
        ("select \(Object.columns) from \(table) where id = \(id)" as SQL).optional(Object.self)
    }

    /// One object.
    /// - Throws: `notFound`.
    func find(_ id: Int) -> Reading<Object> { Reading(row(id), output: CaseworkError.orNotFound) }

    func create(_ draft: NameDraft) -> Query<Object> {
        ("""
        with new as (insert into \(table) (name) values (\(draft.name)) returning \(Object.columns)),
            noted as (
                insert into audit (action, subject, after)
                select \("\(noun).create"), \("\(noun)/") || id, jsonb_build_object('name', name) from new)
        select \(Object.columns) from new
        """ as SQL).one(Object.self)
    }

    /// Renames an object, where its version is one that `ifMatch` accepts.
    /// - Throws: `notFound`, `preconditionFailed`.
    func update(_ id: Int, _ patch: NamePatch, ifMatch: IfMatch, in work: UnitOfWork) async throws -> Object {
        let (matched, found) = try await work(
            ("""
            with old as (
                    select id, name, \(ifMatch.accepts("version")) as matched from \(table) where id = \(id) for update),
                new as (
                    update \(table) t set name = \(patch.name), version = t.version + 1
                    from old
                    where t.id = old.id and old.matched and t.name <> \(patch.name)
                    returning t.id, t.name, old.name as was),
                noted as (
                    insert into audit (action, subject, before, after)
                    select \("\(noun).update"), \("\(noun)/") || id, jsonb_build_object('name', was),
                        jsonb_build_object('name', name)
                    from new)
            select matched from old
            """ as SQL).optionalValue(Bool.self), row(id))
        guard let matched, let found else { throw CaseworkError.notFound }
        guard matched else { throw CaseworkError.preconditionFailed }
        return found
    }
}
