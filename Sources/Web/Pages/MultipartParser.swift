import Casework
import Glibc

/// Reads `multipart/form-data` (RFC 7578) from chunks of any size. Holds what may be the beginning of a delimiter and the
/// header of one part, no more.
struct MultipartParser {
    /// What the chunks hold, in order.
    enum Event {
        /// A part begins; the one before has ended.
        case part(Part)
        /// The next bytes of the part.
        case content(ArraySlice<UInt8>)
    }

    /// What a part's header says.
    struct Part: Equatable {
        let name: String
        /// Nil for a text; empty for a file that was not chosen.
        let fileName: String?
        let type: String?
    }

    private enum State { case preamble, delimiter, header, content, epilogue }

    private static let mostParts = 200
    private static let longestHeader = 8_192
    private static let gap = Array("\r\n\r\n".utf8)

    private let delimiter: [UInt8]
    private var state = State.preamble
    /// Bytes not dealt with yet. The first delimiter needs no line end before it, all others have one.
    private var held = Array("\r\n".utf8)
    private var parts = 0

    /// - Throws: `malformed` for a boundary that RFC 2046 does not allow.
    init(boundary: String) throws(CaseworkError) {
        guard (1...70).contains(boundary.utf8.count) else {
            throw .malformed(Refusal(.formWithoutBoundary))
        }
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    /// Reads the next bytes.
    /// - Throws: `CaseworkError.malformed` where a part has no header or no name; what `take` throws.
    mutating func feed(_ bytes: some Sequence<UInt8>, _ take: (Event) throws -> Void) throws {
        held.append(contentsOf: bytes)
        var position = 0
        while try step(&position, take) {}
        held.removeFirst(position)
    }

    /// Ends the form.
    /// - Throws: `CaseworkError.malformed` where its last part has no end.
    func finish() throws(CaseworkError) {
        switch state {
        case .epilogue: return
        case .preamble: throw .malformed(Refusal(.formWithoutParts))
        case .delimiter, .header, .content: throw .malformed(Refusal(.formNotEnded))
        }
    }

    /// - Returns: whether there is more to do before the next bytes come.
    private mutating func step(_ position: inout Int, _ take: (Event) throws -> Void) throws -> Bool {
        switch state {
        case .preamble, .content:
            let found = start(of: delimiter, from: position)
            let end = found ?? max(position, held.count - delimiter.count + 1)
            if state == .content, end > position { try take(.content(held[position..<end])) }
            position = end
            guard found != nil else { return false }
            position += delimiter.count
            state = .delimiter
        case .delimiter:
            while position < held.count, held[position] == 0x20 || held[position] == 0x09 { position += 1 }
            guard held.count - position >= 2 else { return false }
            switch (held[position], held[position + 1]) {
            case (0x2D, 0x2D): state = .epilogue
            case (0x0D, 0x0A): state = .header
            default: throw Self.noHeader
            }
        case .header:
            guard let end = start(of: Self.gap, from: position) else {
                guard held.count - position <= Self.longestHeader else { throw Self.noHeader }
                return false
            }
            parts += 1
            guard end - position <= Self.longestHeader, parts <= Self.mostParts,
                start(of: delimiter, from: position).map({ $0 >= end }) ?? true
            else { throw Self.noHeader }
            try take(.part(try Part(header: held[position..<end])))
            position = end + Self.gap.count
            state = .content
        case .epilogue:
            position = held.count
            return false
        }
        return true
    }

    private static let noHeader = CaseworkError.malformed(.beyond(.partWithoutHeader, most: mostParts))

    private func start(of pattern: [UInt8], from position: Int) -> Int? {
        held.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            var index = position
            while index + pattern.count <= bytes.count {
                guard let hit = memchr(base + index, Int32(pattern[0]), bytes.count - pattern.count - index + 1) else {
                    return nil
                }
                let found = UnsafeRawPointer(hit) - base
                if memcmp(base + found, pattern, pattern.count) == 0 { return found }
                index = found + 1
            }
            return nil
        }
    }
}

extension MultipartParser.Part {
    /// Reads the lines of a header.
    fileprivate init(header: ArraySlice<UInt8>) throws(CaseworkError) {
        var headers: [String: String] = [:]
        for line in String(decoding: header, as: UTF8.self).split(separator: "\r\n") {
            let halves = line.split(separator: ":", maxSplits: 1)
            if halves.count == 2 { headers[halves[0].lowercased()] = halves[1].trimmingSpaces }
        }
        guard let disposition = ContentDisposition.formData(headers["content-disposition"] ?? "") else {
            throw .malformed(Refusal(.partWithoutName))
        }
        name = disposition.name
        fileName = disposition.fileName
        type = headers["content-type"]
    }
}
