import Foundation

/// The only way this program writes to its standard streams.
enum Output {
    /// One line on standard output.
    static func line(_ text: String = "") {
        text.isEmpty ? write("\n") : write(text + "\n")
    }

    /// Text on standard output, ended by a line break.
    static func text(_ text: String) {
        write(text.hasSuffix("\n") ? text : text + "\n")
    }

    /// Bytes on standard output, as they are.
    static func bytes(_ bytes: some Sequence<UInt8>) {
        try? FileHandle.standardOutput.write(contentsOf: Data(bytes))
    }

    /// A value as one line of JSON, keys sorted.
    /// - Throws: `EncodingError`.
    static func json(_ value: some Encodable) throws {
        line(try json(of: value))
    }

    /// A value as JSON text, keys sorted, instants RFC 3339.
    /// - Throws: `EncodingError`.
    static func json(of value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// What went wrong, one line on standard error.
    static func error(_ text: String) {
        notice("waymark: \(text.oneLine)")
    }

    /// Something worth knowing that is not the answer, one line on standard error.
    static func notice(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }

    /// Whether a person reads standard output.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    private static func write(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
}

extension String {
    /// The text without line breaks, so that an error stays one line.
    var oneLine: String {
        split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
    }
}
