import Postgres
import Tenancy

/// One row of a report.
public struct ReportLine: RowDecodable {
    /// Values as text, in the order of the report's columns; nil for NULL.
    public let values: [String?]
    /// The same as people read them.
    public let cells: [ReportCell]
    /// The row as a JSON object.
    public let json: String

    /// Decodes `values, numbers, json`.
    public init(row: Row) throws {
        values = try row.get("values")
        let numbers: [Bool] = try row.get("numbers")
        cells = zip(values, numbers).map { ReportCell($0, isNumber: $1) }
        json = try row.get("json")
    }
}

extension Report {
    /// The report's rows, about what the filter leaves.
    /// - Parameter most: no more rows than these; nil for all.
    public func lines(_ filter: ReportFilter = ReportFilter(), most: Int? = nil) -> Query<[ReportLine]> {
        let values: SQL =
            "array(select e.value from json_each_text(r.line) with ordinality as e (key, value, n) order by n)"
        let numbers: SQL = """
            array(select json_typeof(e.value) = 'number'
                    from json_each(r.line) with ordinality as e (key, value, n) order by n)
            """
        return
            ("select \(values) as values, \(numbers) as numbers, r.line::text as json from ("
            + query(of: filter.facts, most: most) + ") r").all(ReportLine.self)
    }
}
