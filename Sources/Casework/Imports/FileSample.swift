/// The beginning of a file: its header and the rows below it, to say by them what each column holds.
public struct FileSample: Sendable {
    /// What stands above each column.
    public let headings: [String]
    /// The first rows that can be read, each with a cell for each heading.
    public let rows: [[String]]
    /// What each column holds: as it was said, else as it seems.
    public let columns: [ImportField?]

    /// - Parameters:
    ///   - fields: what a file of its kind may have.
    ///   - chosen: what each column holds, where somebody said so for this file.
    /// - Returns: nil for a file without a header: an empty one, one whose first row is broken, and a list of addresses alone.
    public static func of(
        _ file: ImportFile, for fields: [ImportField], kept: KeptColumns, chosen: [ImportField?]?
    ) async throws -> FileSample? {
        var records = try await file.records()
        guard let first = try await records.next(), first.problem == nil, !first[0].contains("@") else { return nil }
        let headings = first.cells
        var rows: [[String]] = []
        // a file may hold nothing but rows that cannot be read
        for _ in 0..<20 where rows.count < 3 {
            guard let record = try await records.next() else { break }
            guard record.problem == nil else { continue }
            rows.append(headings.indices.map { record[$0] })
        }
        var columns = chosen ?? CSVHeader.guessed(headings, for: fields, kept: kept)
        columns = Array((columns + Array(repeating: nil, count: headings.count)).prefix(headings.count))
        return FileSample(headings: headings, rows: rows, columns: columns)
    }
}
