import CLibPQ
import Synchronization

/// The answer to one statement. It owns libpq's result and reads values only when asked for them.
public struct Rows: Sendable, RandomAccessCollection {
    let storage: Storage

    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of rows.
    public let endIndex: Int

    init(result: OpaquePointer, columns: Columns?) {
        storage = Storage(result: result, columns: columns)
        endIndex = Int(PQntuples(result))
    }

    /// A row by its place from 0; outside of the answer it is a programming error.
    public subscript(position: Int) -> Row {
        precondition(position >= 0 && position < endIndex, "row \(position) of \(endIndex)")
        return Row(storage: storage, index: Int32(truncatingIfNeeded: position))
    }

    /// The names of the columns.
    public var columns: [String] { storage.columns.names }

    /// How many rows the statement inserted, changed or deleted (for a select: how many it returned).
    public var affected: Int {
        guard let text = PQcmdTuples(storage.result) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    /// The server's command tag, such as `UPDATE 3`.
    public var commandTag: String { PQcmdStatus(storage.result).map { String(cString: $0) } ?? "" }

    /// The only row. No row and several rows throw.
    public func only() throws -> Row {
        guard count == 1 else {
            throw PostgresError(.decoding, "expected exactly one row, got \(count == 0 ? "none" : "several")")
        }
        return self[0]
    }

    /// A result nobody writes to any more: libpq only reads from it until it is cleared, so threads may share it.
    final class Storage: @unchecked Sendable {
        let result: OpaquePointer
        let columns: Columns
        /// Where the next column asked for probably stands. Wrong guesses only cost a search.
        let hint = Atomic<Int>(0)

        init(result: OpaquePointer, columns: Columns?) {
            self.result = result
            self.columns = columns ?? Columns(result: result)
        }

        deinit { PQclear(result) }
    }
}

/// Names and types of a result's columns, shared by all results of one prepared statement.
final class Columns: Sendable {
    let names: [String]
    let types: [UInt32]

    init(result: OpaquePointer) {
        let count = PQnfields(result)
        names = (0..<count).map { PQfname(result, $0).map { String(cString: $0) } ?? "" }
        types = (0..<count).map { PQftype(result, $0) }
    }

    /// Whether a result of the same statement still has this shape.
    func fits(_ result: OpaquePointer) -> Bool {
        let count = PQnfields(result)
        guard Int(count) == types.count else { return false }
        for column in 0..<count where PQftype(result, column) != types[Int(column)] { return false }
        return true
    }
}
