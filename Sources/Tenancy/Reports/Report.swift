import Postgres
import SchemaFiles

/// One of the reports of `sql/reports`: a single query over the report views of an institution.
public struct Report: Sendable {
    /// Its file's name without `.sql`.
    public let name: String
    /// The first sentence of the file: what it answers.
    public let title: String
    private let text: String

    /// One row as it is shown.
    public struct Line: RowDecodable {
        /// Column names, in the query's order.
        public let columns: [String]
        /// Values as text; nil for NULL.
        public let values: [String?]
        /// The row as a JSON object.
        public let json: String

        /// Decodes `columns, values, json`.
        public init(row: Row) throws {
            columns = try row.get("columns")
            values = try row.get("values")
            json = try row.get("json")
        }
    }

    /// All reports by name.
    /// - Throws: `SchemaFiles.Missing`.
    public static func all() throws -> [Report] {
        try SchemaFiles.files(in: "reports").map(Report.init(file:))
    }

    /// The report's rows. Its columns come as JSON, so that any query of any types can be shown.
    public var lines: Query<[Line]> {
        let query = SQL(unchecked: text)
        return
            ("""
        select array(select e.key from json_each_text(r.line) with ordinality as e (key, value, n) order by n) as columns,
               array(select e.value from json_each_text(r.line) with ordinality as e (key, value, n) order by n) as values,
               r.line::text as json
          from (select row_to_json(q) as line from (
        """ + query + ") q) r" as SQL).all(Line.self)
    }

    private init(file: SchemaFiles.File) {
        name = String(file.path.split(separator: "/").last?.dropLast(".sql".count) ?? "")
        let first = file.text.split(separator: "\n").first ?? ""
        title = first.drop { $0 == "-" || $0 == " " }.description
        // the semicolon ends a file, not a subquery; the comment before it is no part of the query
        let body = file.text.split(separator: "\n").filter { !$0.hasPrefix("--") }.joined(separator: "\n")
        text = body.split(separator: ";").first.map(String.init) ?? body
    }
}
