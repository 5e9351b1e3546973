import CLibPQ
import Synchronization

/// A value made from one row.
public protocol RowDecodable: Sendable {
    /// Reads the columns by name.
    init(row: Row) throws
}

/// One row of an answer.
public struct Row: Sendable {
    let storage: Rows.Storage
    let index: Int32

    /// The value of a column by its name. Reading columns in the order of the select list costs one comparison each.
    public func get<T: PostgresDecodable>(_ column: String) throws -> T {
        let names = storage.columns.names
        let hint = storage.hint.load(ordering: .relaxed)
        let position: Int
        if hint < names.count, names[hint] == column {
            position = hint
        } else if let found = names.firstIndex(of: column) {
            position = found
        } else {
            throw PostgresError(.decoding, "the answer has no column \(column)")
        }
        storage.hint.store(position + 1 == names.count ? 0 : position + 1, ordering: .relaxed)
        return try read(position)
    }

    /// The value of a column by its name, the type said where it cannot be inferred.
    public func get<T: PostgresDecodable>(_ column: String, as type: T.Type) throws -> T {
        try get(column)
    }

    /// The value of a column by its place, from 0.
    public func get<T: PostgresDecodable>(at position: Int) throws -> T {
        guard position >= 0, position < storage.columns.names.count else {
            throw PostgresError(.decoding, "the answer has no column at position \(position)")
        }
        return try read(position)
    }

    /// Whether the answer has a column of that name.
    public func has(_ column: String) -> Bool { storage.columns.names.contains(column) }

    private func read<T: PostgresDecodable>(_ position: Int) throws -> T {
        let column = Int32(truncatingIfNeeded: position)
        do {
            if PQgetisnull(storage.result, index, column) != 0 { return try T.decodeNull() }
            let bytes = UnsafeRawBufferPointer(
                start: PQgetvalue(storage.result, index, column), count: Int(PQgetlength(storage.result, index, column))
            )
            return try T.decode(Cell(bytes: bytes, type: storage.columns.types[position]))
        } catch let error as PostgresError where error.kind == .decoding {
            throw PostgresError(.decoding, "column \(storage.columns.names[position]): \(error.message)")
        }
    }
}
