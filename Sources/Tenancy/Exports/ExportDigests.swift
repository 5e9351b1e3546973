/// The checksums of an export, made while it is written and again while it is read.
struct ExportDigests {
    private let all = RunningDigest()
    private var table = RunningDigest()
    private var tables: [String: String] = [:]

    /// Adds the head's line.
    func add(head line: [UInt8]) { all.add(line) }

    /// Adds lines of the table that is under way.
    func add(rows lines: [UInt8]) {
        all.add(lines)
        table.add(lines)
    }

    /// Ends a table.
    mutating func end(table name: String) {
        tables[name] = Digest.hex(table.finish())
        table = RunningDigest()
    }

    /// What the last line must say.
    func end() -> ExportEnd { ExportEnd(sha256: Digest.hex(all.finish()), tables: tables) }
}
