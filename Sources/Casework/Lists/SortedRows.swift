import Postgres

/// A list's row with the text it is sorted by, the column `sort_name`.
struct SortedRow<Value: RowDecodable>: RowDecodable {
    let value: Value
    let sortName: String

    init(row: Row) throws {
        value = try Value(row: row)
        sortName = try row.get("sort_name")
    }
}

extension PageRequest {
    /// `true`, or that a row stands behind the cursor of a list sorted by a text and then an id.
    /// - Throws: `CaseworkError.invalid` where a caller made up another cursor.
    func following(_ sortName: SQL, _ id: SQL) throws -> SQL {
        guard let after else { return "true" }
        return "(\(sortName), \(id)) > (\(try after.text(0)), \(try after.int(1))::bigint)"
    }

    /// The page that these rows hold, of a list sorted by a text and then an id.
    func page<Value: RowDecodable>(_ rows: [SortedRow<Value>], id: (Value) -> Int) -> Page<Value> {
        Page(rows, self) { Cursor(.text($0.sortName), .int(id($0.value))) }.map(\.value)
    }
}

extension SQL {
    /// `true`, or that a text contains what a caller searches for, however its letters are typed.
    static func search(_ text: String?, in column: SQL) -> SQL {
        search(text, inFolded: "waymark.folded(\(column))")
    }

    /// The same of a text that went through `waymark.folded`.
    static func search(_ text: String?, inFolded folded: SQL) -> SQL {
        guard let text else { return "true" }
        return "strpos(\(folded), waymark.folded(\(text))) > 0"
    }
}
