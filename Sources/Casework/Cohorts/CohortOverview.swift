import Postgres
import Tenancy

/// A category with its cohorts, or with those of them that stand on one page of the list.
public struct CategorySection: Sendable {
    /// The category's identifier.
    public let id: Int
    /// The category's name.
    public let name: String
    /// Its cohorts in scope, by name.
    public fileprivate(set) var cohorts: [Cohort]
}

extension CohortRepository {
    /// Cohorts by category and name. A category without any is there too, unless `filter` asks for certain cohorts.
    /// - Parameter page: counts cohorts; a long category goes on, under its name, on the next page.
    public static func overview(_ filter: CohortFilter, _ page: PageRequest) throws -> Reading<Page<CategorySection>> {
        let isWhole = filter.search == nil && filter.categoryID == nil && !filter.isArchived
        let join: SQL = isWhole ? "left join" : "join"
        let inCategory: SQL = if let id = filter.categoryID { "k.id = \(id)" } else { "true" }
        let inUse: SQL = filter.isArchived ? "c.archived_at is not null" : "c.archived_at is null"
        let sortName: SQL = "to_char(k.place, 'FM0000000000') || coalesce(lower(c.name), '')"
        return try Reading(
            ("""
            with k as (
                select id, name, row_number() over (order by \(CategoryRepository.place), id) as place from cohort_categories)
            select \(Cohort.columns), k.id as section, \(sortName) as sort_name
            from k \(join) cohorts c
                on c.category_id = k.id and \(inUse) and \(SQL.search(filter.search, in: "c.name"))
            where \(inCategory) and \(page.following(sortName, "coalesce(c.id, 0)"))
            order by \(sortName), coalesce(c.id, 0) limit \(page.fetch)
            """ as SQL).all(Line.self)
        ) { lines in
            let found = Page(lines, page) { Cursor(.text($0.sortName), .int($0.cohort?.id ?? 0)) }
            var sections: [CategorySection] = []
            for line in found.items {
                if let last = sections.indices.last, sections[last].id == line.section {
                    sections[last].cohorts += [line.cohort].compactMap(\.self)
                } else {
                    sections.append(
                        CategorySection(
                            id: line.section, name: line.name, cohorts: [line.cohort].compactMap(\.self)))
                }
            }
            return Page(items: sections, next: found.next)
        }
    }

    private struct Line: RowDecodable {
        let section: Int
        let name: String
        let cohort: Cohort?
        let sortName: String

        init(row: Row) throws {
            section = try row.get("section")
            name = try row.get("category_name")
            let id: Int? = try row.get("id")
            cohort = try id == nil ? nil : Cohort(row: row)
            sortName = try row.get("sort_name")
        }
    }
}
