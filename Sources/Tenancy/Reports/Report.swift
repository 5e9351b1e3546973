import Postgres
import SchemaFiles

/// One of the reports of `sql/reports`: a single query over the report views of an institution.
///
/// The comment at the head of its file says what it answers (`Overdue by support group: which groups have ...`), perhaps a note
/// on how it counts, its columns, and which of them make its picture: one that names and one that counts.
public struct Report: Sendable {
    /// Its file's name without `.sql`, its words joined by hyphens.
    public let name: String
    /// What it is called, and the question it answers: the first sentence of the file.
    public let title: String
    /// How it counts, where that is not plain; else empty.
    public let note: String
    /// Names of its columns, in the query's order.
    public let columns: [String]
    /// The columns of its picture; nil where it has none.
    public let chart: Chart?
    private let text: String

    /// What a picture of the report shows: a bar for each row.
    public struct Chart: Sendable, Hashable {
        /// The column that names the row.
        public let name: String
        /// The column whose number is drawn.
        public let number: String
    }

    /// All reports by name.
    /// - Throws: `SchemaFiles.Missing`.
    public static func all() throws -> [Report] {
        try SchemaFiles.files(in: "reports").map(Report.init(file:))
    }

    /// The report's query, each row of it as JSON (`line`), so that any columns of any types can be shown.
    /// - Parameters:
    ///   - facts: `with` and tables of the same names as the views, which stand before the query in their place; or nothing.
    ///   - most: no more rows than these; nil for all.
    public func query(of facts: SQL, most: Int?) -> SQL {
        let limit: SQL = most.map { "limit \($0)" } ?? ""
        return facts + "select row_to_json(q) as line from (" + SQL(unchecked: text) + ") q " + limit
    }

    private init(file: SchemaFiles.File) {
        let lines = file.text.split(separator: "\n")
        let comment = lines.prefix { $0.hasPrefix("--") }.map { String($0.drop { $0 == "-" || $0 == " " }) }
        func list(_ heading: String) -> [String] {
            guard let line = comment.first(where: { $0.hasPrefix(heading) }) else { return [] }
            return line.dropFirst(heading.count).split(separator: ",")
                .map { String($0.drop { $0 == " " }.prefix { $0 != "." }) }
        }
        name = String(file.path.split(separator: "/").last?.dropLast(".sql".count) ?? "").replacing("_", with: "-")
        title = comment.first ?? ""
        note = comment.dropFirst().prefix { !$0.hasPrefix("Columns:") }.joined(separator: " ")
        columns = list("Columns:")
        let drawn = list("Chart:")
        chart =
            if let name = drawn.first, let number = drawn.dropFirst().first { Chart(name: name, number: number) } else {
                nil
            }
        // the semicolon ends a file, not a subquery
        let body = lines.dropFirst(comment.count).joined(separator: "\n")
        text = body.split(separator: ";").first.map(String.init) ?? body
    }
}
