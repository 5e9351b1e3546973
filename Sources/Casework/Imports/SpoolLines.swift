extension Spool {
    /// The lines of these numbers, counted from 1 as a report counts them, without their ends.
    /// - Parameter room: bytes the lines may have together; what no longer fits is left out.
    public func lines(_ numbers: Set<Int>, room: Int) async throws -> [Int: String] {
        var found: [Int: String] = [:]
        var number = 1
        var line: [UInt8] = []
        var left = room
        var afterCarriageReturn = false
        func end() {
            if numbers.contains(number), left >= 0 { found[number] = String(decoding: line, as: UTF8.self) }
            line.removeAll(keepingCapacity: true)
            number += 1
        }
        for try await piece in self {
            for byte in piece {
                let isSecondHalf = afterCarriageReturn && byte == UInt8(ascii: "\n")
                afterCarriageReturn = byte == UInt8(ascii: "\r")
                if byte == UInt8(ascii: "\n") || afterCarriageReturn {
                    if !isSecondHalf { end() }
                } else if numbers.contains(number), left >= 0 {
                    left -= 1
                    line.append(byte)
                }
            }
        }
        end()
        return found
    }
}
