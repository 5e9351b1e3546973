import Postgres
import Tenancy

/// What reports can be narrowed to, by name.
public struct ReportChoices: Sendable {
    /// Something that the filter names by its id.
    public struct Choice: RowDecodable {
        /// Its id.
        public let id: Int
        /// Its name, a cohort's with its category.
        public let name: String

        /// Decodes `id, name`.
        public init(row: Row) throws {
            id = try row.get("id")
            name = try row.get("name")
        }
    }

    /// Categories with cohorts in use.
    public let categories: [Choice]
    /// Cohorts in use: the newest ones.
    public let cohorts: [Choice]
    /// Support groups in use.
    public let groups: [Choice]
}

/// A view that reports are made of, for whoever writes queries of their own.
public struct ReportView: RowDecodable {
    /// Its name: `report_progress`.
    public let name: String
    /// What one row is.
    public let text: String
    /// Its columns, in order.
    public let columns: [String]
    /// What each column means.
    public let meanings: [String]

    /// Decodes `name, text, columns, meanings`.
    public init(row: Row) throws {
        name = try row.get("name")
        text = try row.get("text")
        columns = try row.get("columns")
        meanings = try row.get("meanings")
    }
}

/// What the pages of reports ask for besides the reports themselves.
public enum ReportRepository {
    /// How many of a kind a filter offers.
    private static let most = 200

    /// What reports can be narrowed to.
    public static var choices: Reading<ReportChoices> {
        Reading(
            SQL(
                """
                select k.id, k.name from cohort_categories k
                 where exists (select from cohorts c where c.category_id = k.id and c.archived_at is null)
                 order by lower(k.name), k.id limit \(most)
                """
            ).all(ReportChoices.Choice.self),
            SQL(
                """
                select c.id, c.name || ' · ' || k.name as name
                  from cohorts c join cohort_categories k on k.id = c.category_id
                 where c.archived_at is null order by c.id desc limit \(most)
                """
            ).all(ReportChoices.Choice.self),
            SQL(
                """
                select g.id, g.name from groups g where g.archived_at is null order by lower(g.name), g.id limit \(most)
                """
            ).all(ReportChoices.Choice.self)
        ) { ReportChoices(categories: $0, cohorts: $1, groups: $2) }
    }

    /// The views that reports are made of, as their comments describe them.
    public static var views: Reading<[ReportView]> {
        Reading(
            ("""
            select c.relname::text as name, obj_description(c.oid, 'pg_class') as text,
                   array_agg(a.attname::text order by a.attnum) as columns,
                   array_agg(coalesce(col_description(c.oid, a.attnum), '') order by a.attnum) as meanings
              from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
             where c.relnamespace = current_schema()::regnamespace and c.relkind = 'v' and c.relname like 'report\\_%'
               and obj_description(c.oid, 'pg_class') is not null
             group by c.oid, c.relname order by c.relname
            """ as SQL).all(ReportView.self))
    }
}
