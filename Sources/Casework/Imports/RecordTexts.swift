extension ImportFile {
    /// The file's first record, and those that begin on these lines, as they stand there: with quotes and the line
    /// breaks within them, without the line end behind.
    /// - Parameters:
    ///   - lines: counted from 1, as a report counts them.
    ///   - room: bytes the records may have together; what no longer fits is left out.
    /// - Throws: what reading a CSV file throws.
    public func records(on lines: Set<Int>, room: Int) async throws -> (first: String, others: [Int: String]) {
        var wanted: [ClosedRange<Int>] = []
        var records = try await records()
        while let record = try await records.next() {
            if wanted.isEmpty || lines.contains(record.line) { wanted.append(record.line...record.lastLine) }
        }
        let texts = try await texts(of: wanted, room: room)
        return (wanted.first.flatMap { texts[$0.lowerBound] } ?? "", texts)
    }

    /// What stands on each range of lines, by its first line.
    private func texts(of ranges: [ClosedRange<Int>], room: Int) async throws -> [Int: String] {
        var found: [Int: String] = [:]
        var remaining = ranges.makeIterator()
        var current = remaining.next()
        var text: [UInt8] = []
        var left = room
        var number = 1
        var afterCarriageReturn = false
        func end(_ range: ClosedRange<Int>) {
            while let last = text.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { text.removeLast() }
            if left >= 0 { found[range.lowerBound] = String(decoding: text, as: UTF8.self) }
            text.removeAll(keepingCapacity: true)
        }
        for try await piece in DecodedText(content, format.encoding) {
            for byte in piece {
                let isSecondHalf = afterCarriageReturn && byte == UInt8(ascii: "\n")
                afterCarriageReturn = byte == UInt8(ascii: "\r")
                // the LF of a CR LF that ended the record before does not belong to this one
                if let current, current.contains(number), left >= 0, !(isSecondHalf && text.isEmpty) {
                    left -= 1
                    text.append(byte)
                }
                guard byte == UInt8(ascii: "\n") || afterCarriageReturn, !isSecondHalf else { continue }
                number += 1
                if let range = current, number > range.upperBound {
                    end(range)
                    current = remaining.next()
                }
            }
        }
        if let range = current { end(range) }
        return found
    }
}
