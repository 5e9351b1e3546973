import Foundation

/// An export as a file. It is read twice: once to see that it is whole, before anything is made of it, and once more for its
/// rows; both times its checksums must be right.
public final class ExportFile {
    /// Its first line.
    public let head: ExportHead
    private let handle: FileHandle

    /// Opens a file and reads its head.
    /// - Throws: `ExportRefusal` where it cannot be read or is no export.
    public init(path: String) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw ExportRefusal(description: "\(path): cannot be read")
        }
        self.handle = handle
        var lines = ExportLines(handle)
        guard let line = try lines.next(), let head = try? JSONDecoder().decode(ExportHead.self, from: Data(line)),
            head.format == ExportHead.format
        else { throw ExportRefusal(description: "\(path): is not an export of this program") }
        self.head = head
    }

    /// Reads the whole file, for its checksums only.
    /// - Parameter progress: how many rows are read.
    /// - Throws: `ExportRefusal` where anything is missing, too much or altered.
    public func check(progress: (Int) -> Void = { _ in }) throws {
        var rows = try rows()
        var done = 0
        while try rows.next() != nil {
            done += 1
            if done.isMultiple(of: 1_000) { progress(done) }
        }
    }

    /// All rows, from the first one on.
    func rows() throws -> ExportRows {
        try handle.seek(toOffset: 0)
        return try ExportRows(ExportLines(handle), of: head)
    }
}

/// The rows of an export in the order of its head. Whether they are what was exported is known behind the last one.
struct ExportRows {
    private var lines: ExportLines
    private var digests = ExportDigests()
    private var tables: ArraySlice<ExportHead.Table>
    /// How many of the first table are still to come.
    private var left: Int

    fileprivate init(_ lines: ExportLines, of head: ExportHead) throws {
        self.lines = lines
        tables = head.tables[...]
        left = head.tables.first?.rows ?? 0
        let first = try line()
        digests.add(head: first)
    }

    /// The next row, a JSON object, and its table; nil behind the last one.
    /// - Throws: `ExportRefusal` where lines are missing, too many or altered.
    mutating func next() throws -> (table: ExportHead.Table, line: [UInt8])? {
        while let table = tables.first {
            guard left <= 0 else {
                let line = try line()
                left -= 1
                digests.add(rows: line)
                return (table, line)
            }
            digests.end(table: table.name)
            tables.removeFirst()
            left = tables.first?.rows ?? 0
        }
        let last = try line()
        guard let end = try? JSONDecoder().decode(ExportEnd.self, from: Data(last)), end == digests.end() else {
            throw ExportRefusal(description: "line \(lines.number): the checksums are not those of the lines before")
        }
        guard try lines.next() == nil, !lines.isCut else {
            throw ExportRefusal(description: "line \(lines.number + 1): stands behind the end")
        }
        return nil
    }

    /// The next line with its end.
    private mutating func line() throws -> [UInt8] {
        guard let line = try lines.next() else {
            throw ExportRefusal(description: "line \(lines.number + 1): is missing; the file was cut short")
        }
        return line
    }
}

/// The lines of a file one after the other, with their ends.
struct ExportLines {
    /// A row has a megabyte of a file at most, twice that in hexadecimal digits, and little else.
    private static let longest = 16 << 20

    /// How many were read.
    private(set) var number = 0
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    init(_ handle: FileHandle) { self.handle = handle }

    /// Whether something without an end of line was left.
    var isCut: Bool { start < buffer.count }

    /// The next line; nil where no whole one follows.
    /// - Throws: `ExportRefusal` for a line that no export has.
    mutating func next() throws -> [UInt8]? {
        var searched = start
        while true {
            if let end = Self.newline(in: buffer, from: searched) {
                let line = Array(buffer[start...end])
                start = end + 1
                number += 1
                return line
            }
            guard buffer.count - start < Self.longest else {
                throw ExportRefusal(description: "line \(number + 1): is longer than any line of an export")
            }
            guard !isAtEnd else { return nil }
            buffer.removeSubrange(..<start)
            start = 0
            searched = buffer.count
            let piece = try handle.read(upToCount: 1 << 20) ?? Data()
            isAtEnd = piece.isEmpty
            buffer += piece
        }
    }

    private static func newline(in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { buffer in
            guard start < buffer.count, let base = buffer.baseAddress,
                let found = memchr(base + start, Int32(UInt8(ascii: "\n")), buffer.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}
