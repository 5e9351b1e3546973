import Postgres
import Tenancy

/// Cohort categories. Those who may edit cohorts keep them.
public struct CategoryRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let table = NameTable<Category>(table: "cohort_categories", noun: "category")
    private static let refusals: Refusals = [
        "cohort_categories_name_key": .conflict(Refusal(.categoryNameTaken), field: "name"),
        "cohorts_category_id_fkey": inUse(by: [Blocker(.someCohorts)]),
    ]

    private static func inUse(by cohorts: [Blocker]) -> CaseworkError {
        .conflict(Refusal(.categoryInUse), blockedBy: cohorts)
    }

    /// Categories by name, those whose name contains `search`.
    public static func list(search: String?, _ page: PageRequest) throws -> Reading<Page<Category>> {
        try table.list(search: search, page)
    }

    /// One category.
    /// - Throws: `notFound`.
    public static func find(_ id: Int) -> Reading<Category> { table.find(id) }

    /// How categories stand on the page Cohorts, before their id.
    static let place: SQL = "position nulls last, lower(name)"

    /// All categories as they stand on the page Cohorts; beyond a thousand, the first thousand.
    public static var order: Reading<[Category]> {
        Reading(
            ("select \(Category.columns) from cohort_categories order by \(place), id limit 1000" as SQL)
                .all(Category.self)
        ) { $0 }
    }

    /// Makes a category.
    /// - Throws: `conflict` where the name is taken.
    public func create(_ draft: CategoryDraft) async throws -> Category {
        try await Self.refusals { try await work(Self.table.create(draft)) }
    }

    /// Renames a category, or moves it to another place. Those it passes are numbered anew.
    /// - Throws: `notFound`, `preconditionFailed`, `conflict` where the name is taken.
    public func update(_ id: Int, _ patch: CategoryPatch, ifMatch: IfMatch) async throws -> Category {
        let (matched, found) = try await Self.refusals {
            try await work(
                ("""
                with old as (
                        select id, name, position, \(ifMatch.accepts("version")) as matched
                        from cohort_categories where id = \(id) for update),
                    others as (
                        select id, row_number() over (order by \(Self.place), id) as n
                        from cohort_categories where id <> \(id) and \(patch.position)::int is not null),
                    wish as (
                        select id, coalesce(\(patch.name), name) as name,
                            case when \(patch.position)::int is null then position
                                else least(\(patch.position)::int, (select count(*) + 1 from others)) end as position
                        from old where matched),
                    passed as (
                        update cohort_categories c set position = o.n + (o.n >= w.position)::int, version = c.version + 1
                        from others o, wish w
                        where c.id = o.id and c.position is distinct from o.n + (o.n >= w.position)::int),
                    new as (
                        update cohort_categories c set name = w.name, position = w.position, version = c.version + 1
                        from wish w
                        where c.id = w.id and (c.name, c.position) is distinct from (w.name, w.position)
                        returning c.id, c.name, c.position),
                    noted as (
                        insert into audit (action, subject, before, after)
                        select 'category.update', 'category/' || new.id,
                            jsonb_build_object('name', old.name, 'position', old.position),
                            jsonb_build_object('name', new.name, 'position', new.position)
                        from new join old on old.id = new.id)
                select matched from old
                """ as SQL).optionalValue(Bool.self), Self.table.row(id))
        }
        guard let matched, let found else { throw CaseworkError.notFound }
        guard matched else { throw CaseworkError.preconditionFailed }
        return found
    }

    /// Deletes a category that has no cohorts, archived ones included.
    /// - Throws: `notFound`, `preconditionFailed`, `conflict` naming the cohorts.
    public func delete(_ id: Int, ifMatch: IfMatch) async throws {
        let (matched, cohorts) = try await Self.refusals {
            try await work(
                ("""
                with old as (
                        select id, name, \(ifMatch.accepts("version")) as matched
                        from cohort_categories where id = \(id) for update),
                    gone as (
                        delete from cohort_categories c using old
                        where c.id = old.id and old.matched
                            and not exists (select from cohorts where category_id = old.id)
                        returning c.id, c.name),
                    noted as (
                        insert into audit (action, subject, before)
                        select 'category.delete', 'category/' || id, jsonb_build_object('name', name) from gone)
                select matched from old
                """ as SQL).optionalValue(Bool.self),
                ("select name from cohorts where category_id = \(id) order by lower(name), id limit 20" as SQL)
                    .values(String.self))
        }
        guard let matched else { throw CaseworkError.notFound }
        guard matched else { throw CaseworkError.preconditionFailed }
        guard cohorts.isEmpty else {
            throw Self.inUse(by: Blocker.named(cohorts))
        }
    }
}

extension Permission {
    /// A cohort category.
    public static func category(_ id: Int) -> Permission {
        Permission("select from cohort_categories where id = \(id)")
    }
}
