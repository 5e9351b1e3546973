import Glibc

/// One statement of a batch.
public struct Statement: Sendable {
    /// Text and values.
    public var sql: SQL
    /// Whose the prepared statement is: the institution and role for whose `search_path` and rights its plan was made. Nil:
    /// parsed anew each time.
    public var preparedFor: String?

    /// A statement to run; `preparedFor` nil keeps it out of the connection's cache.
    public init(_ sql: SQL, preparedFor: String? = nil) {
        self.sql = sql
        self.preparedFor = preparedFor
    }

    /// Checks what would otherwise fail half way into a batch already on its way.
    func validate() throws {
        if sql.bindings.count > 65_535 {
            throw PostgresError(.protocolViolation, "a statement takes at most 65535 values")
        }
        try Self.validate(text: sql.text)
        for binding in sql.bindings {
            if case .text(let text) = binding.value { try Self.validate(text: text) }
        }
    }

    static func validate(text: String) throws {
        var text = text
        let holdsZero = text.withUTF8 { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        }
        if holdsZero {
            throw PostgresError(.invalidText, "text holds U+0000, which PostgreSQL cannot store")
        }
    }
}
