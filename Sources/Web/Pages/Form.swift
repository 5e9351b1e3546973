import Casework
import Foundation
import Hummingbird

/// What a browser's form sent: named texts, and files where it has any.
struct Form: Sendable {
    /// A file of a multipart form.
    struct File: Sendable {
        let name: String
        let type: String
        let bytes: [UInt8]
    }

    /// The texts, each name with its values in order.
    var fields: [String: [String]] = [:]
    /// The files that were chosen.
    var files: [String: File] = [:]

    /// The first value of a name.
    subscript(name: String) -> String? { fields[name]?.first }

    /// `application/x-www-form-urlencoded`, WHATWG URL §5.1.
    init(urlEncoded text: String) throws {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts[0].replacing("+", with: " ").removingPercentEncoding,
                let value = (parts.count == 2 ? parts[1] : "").replacing("+", with: " ").removingPercentEncoding
            else { throw CaseworkError.malformed(detail: "The form is not UTF-8.") }
            fields[name, default: []].append(value)
        }
    }

    /// `multipart/form-data`, RFC 7578.
    /// - Throws: `malformed` where a part has no end or no name.
    init(multipart bytes: [UInt8], boundary: String) throws {
        let delimiter = Array("\r\n--\(boundary)".utf8)
        let body = Array("\r\n".utf8) + bytes
        var ranges = Self.ranges(of: delimiter, in: body)[...]
        guard var start = ranges.popFirst()?.upperBound, ranges.count <= 200 else {
            throw CaseworkError.malformed(detail: "The form's parts have no beginning.")
        }
        for range in ranges {
            try add(part: body[start..<range.lowerBound])
            start = range.upperBound
        }
        guard body[start...].starts(with: Array("--".utf8)) else {
            throw CaseworkError.malformed(detail: "The form's last part has no end.")
        }
    }

    private mutating func add(part: ArraySlice<UInt8>) throws {
        let gap = Array("\r\n\r\n".utf8)
        guard part.starts(with: Array("\r\n".utf8)), let end = Self.ranges(of: gap, in: part, most: 1).first else {
            throw CaseworkError.malformed(detail: "A part of the form has no header.")
        }
        var headers: [String: String] = [:]
        for line in String(decoding: part[part.startIndex..<end.lowerBound], as: UTF8.self).split(separator: "\r\n") {
            let halves = line.split(separator: ":", maxSplits: 1)
            if halves.count == 2 { headers[halves[0].lowercased()] = halves[1].trimmingSpaces }
        }
        let disposition = headers["content-disposition"] ?? ""
        guard let name = Self.parameter("name", of: disposition) else {
            throw CaseworkError.malformed(detail: "A part of the form has no name.")
        }
        let content = part[end.upperBound...]
        if let file = Self.parameter("filename", of: disposition) {
            if !file.isEmpty {
                files[name] = File(
                    name: file, type: headers["content-type"] ?? "application/octet-stream", bytes: Array(content))
            }
        } else {
            guard let text = String(validating: content, as: UTF8.self) else {
                throw CaseworkError.malformed(detail: "The form is not UTF-8.")
            }
            fields[name, default: []].append(text)
        }
    }

    /// A quoted parameter, with the escapes browsers use: `%22`, `%0D`, `%0A` (WHATWG HTML, multipart/form-data).
    private static func parameter(_ name: String, of header: String) -> String? {
        guard let start = header.range(of: "; \(name)=\"") else { return nil }
        let rest = header[start.upperBound...]
        guard let end = rest.firstIndex(of: "\"") else { return nil }
        return String(rest[..<end]).replacing("%22", with: "\"").replacing("%0D", with: "").replacing("%0A", with: "")
    }

    private static func ranges<Bytes: RandomAccessCollection<UInt8>>(
        of pattern: [UInt8], in bytes: Bytes, most: Int = .max
    ) -> [Range<Int>] where Bytes.Index == Int {
        var found: [Range<Int>] = []
        var index = bytes.startIndex
        let last = bytes.endIndex - pattern.count
        while index <= last, found.count < most {
            if bytes[index] == pattern[0], bytes[index..<(index + pattern.count)].elementsEqual(pattern) {
                found.append(index..<(index + pattern.count))
                index += pattern.count
            } else {
                index += 1
            }
        }
        return found
    }
}

extension Call {
    /// The form a page sent.
    /// - Throws: `unsupportedMediaType`, `malformed`, `tooLarge`.
    func form() async throws -> Form {
        let header = request.headers[.contentType] ?? ""
        let media = header.prefix { $0 != ";" }.lowercased().trimmingSpaces
        switch media {
        case "application/x-www-form-urlencoded", "":
            let bytes = try await body(limit: 1 << 20)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw CaseworkError.malformed(detail: "The form is not UTF-8.")
            }
            return try Form(urlEncoded: text)
        case "multipart/form-data":
            guard let boundary = header.range(of: "boundary=").map({ header[$0.upperBound...] }) else {
                throw CaseworkError.malformed(detail: "The form names no boundary.")
            }
            let name = boundary.prefix { $0 != ";" }.filter { $0 != "\"" }
            return try Form(multipart: try await body(limit: 27 << 20), boundary: String(name))
        default:
            throw CaseworkError.unsupportedMediaType(detail: "Send the form as a browser does.")
        }
    }
}
