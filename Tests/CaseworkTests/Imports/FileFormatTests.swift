import Foundation
import TestSupport
import Testing

@testable import Casework

private func spool(_ bytes: [UInt8]) async throws -> Spool {
    var writer = SpoolWriter()
    try await writer.append(bytes)
    return writer.finish()
}

/// How a file is written, found by its bytes.
@Suite struct FileFormatTests {
    private func found(_ bytes: [UInt8], _ choice: FileFormat.Choice = .init()) async throws -> FileFormat {
        try await FileFormat.found(in: try await spool(bytes), choice)
    }

    private static let text = "email,name\nz@x.edu,Zoë\n"

    private static let marks: [(TextEncoding, [UInt8])] = [
        (.utf8, [0xEF, 0xBB, 0xBF]), (.utf16LittleEndian, [0xFF, 0xFE]), (.utf16BigEndian, [0xFE, 0xFF]),
    ]

    /// The text in an encoding.
    private static func written(_ encoding: TextEncoding) -> [UInt8] {
        let theirs: String.Encoding =
            switch encoding {
            case .utf8: .utf8
            case .utf16LittleEndian: .utf16LittleEndian
            case .utf16BigEndian: .utf16BigEndian
            case .windows1252: .windowsCP1252
            }
        return Array(text.data(using: theirs) ?? Data())
    }

    @Test(arguments: TextEncoding.allCases)
    func `an encoding is found, with and without its mark, and the text read`(encoding: TextEncoding) async throws {
        var files = [Self.written(encoding)]
        for (marked, mark) in Self.marks where marked == encoding { files.append(mark + Self.written(encoding)) }
        for bytes in files {
            #expect(try await found(bytes).encoding == encoding)
            var read: [UInt8] = []
            for try await piece in DecodedText(try await spool(bytes), encoding) { read += piece }
            #expect(String(decoding: read, as: UTF8.self).hasSuffix(Self.text))
        }
    }

    @Test func `little or broken text has an encoding too`() async throws {
        #expect(try await found([]).encoding == .utf8)
        #expect(try await found([0x61]).encoding == .utf8)
        #expect(try await found(Array("Zoë, Zoë, Zoë".utf8) + [0xFF]).encoding == .utf8)
    }

    @Test func `a letter that is not ASCII far down in the file tells its encoding`() async throws {
        let plain = Array(String(repeating: "a@x.edu,Ann\n", count: 200_000).utf8)
        #expect(try await found(plain + [0xEB]).encoding == .windows1252)
        #expect(try await found(plain + Array("ë".utf8)).encoding == .utf8)
    }

    @Test func `what was said holds, but a byte order mark is surer`() async throws {
        let choice = FileFormat.Choice(encoding: .windows1252, delimiter: .tab)
        #expect(try await found(Array(Self.text.utf8), choice) == FileFormat(encoding: .windows1252, delimiter: .tab))
        #expect(try await found([0xFF, 0xFE, 0x61, 0], choice).encoding == .utf16LittleEndian)
    }

    @Test(arguments: [
        ("a,b\n1,2\n", FileFormat.Delimiter.comma), ("a;b\n1;2\n", .semicolon), ("a\tb\n1\t2\n", .tab),
        ("a\n1\n", .comma),
        ("", .comma), ("a;b, c;d\n1;2;3\n", .semicolon), ("\"a;b\",c\n1,2\n", .comma), ("sep=;\na,b;c\n", .semicolon),
        ("SEP=\t\r\na\tb\r\n", .tab), ("a;b;c", .semicolon), ("a,b;c,d\n1;2\n3;4\n", .semicolon),
        ("name;mail\n\"Lovelace, Ada\";a@x.edu\n", .semicolon),
    ])
    func `what stands between cells is found`(text: String, delimiter: FileFormat.Delimiter) async throws {
        #expect(try await found(Array(text.utf8)).delimiter == delimiter)
    }

    @Test(
        arguments: [
            [0x50, 0x4B, 0x03, 0x04, 0x14], [0x50, 0x4B, 0x05, 0x06], [0xD0, 0xCF, 0x11, 0xE0, 0xA1],
            Array("\u{FEFF}\n<html><table>".utf8), Array("<?xml version=\"1.0\"?><Workbook>".utf8),
            Array("  <TABLE border=1>".utf8),
        ] as [[UInt8]])
    func `a workbook is named as one`(bytes: [UInt8]) async throws {
        await #expect(throws: CaseworkError.invalid("file", .csvWorkbook)) { try await found(bytes) }
    }
}

@Suite struct FileFormatFuzzTests {
    @Test func `text is the same however the file is cut, and in all encodings`() {
        #expect(
            Fuzz.fault(samples: ["Zoë 😀 €", "a\u{FEFF}b"], pieces: ["a", "é", "€", "😀", "\n"]) { bytes, fuzz in
                for encoding in TextEncoding.allCases {
                    var (whole, cut) = (TextDecoder(encoding), TextDecoder(encoding))
                    let text = whole.decode(bytes) + whole.finish()
                    var pieces: [UInt8] = []
                    var rest = bytes[...]
                    while !rest.isEmpty {
                        let piece = rest.prefix(Int.random(in: 1...5, using: &fuzz))
                        pieces += cut.decode(Array(piece))
                        rest = rest.dropFirst(piece.count)
                    }
                    guard pieces + cut.finish() == text else { return false }
                    if encoding != .utf8 { guard String(validating: text, as: UTF8.self) != nil else { return false } }
                }
                guard let text = String(validating: bytes, as: UTF8.self) else { return true }
                for (encoding, theirs) in [
                    (TextEncoding.utf16LittleEndian, String.Encoding.utf16LittleEndian),
                    (.utf16BigEndian, .utf16BigEndian), (.windows1252, .windowsCP1252),
                ] {
                    guard let written = text.data(using: theirs) else { continue }
                    var decoder = TextDecoder(encoding)
                    let read = decoder.decode(Array(written)) + decoder.finish()
                    // composed or not: the other encodings may write one letter for two
                    guard String(decoding: read, as: UTF8.self) == text else { return false }
                }
                return true
            } == nil)
    }

    @Test func `any file has a format and records, or is refused`() async throws {
        var files: [[UInt8]] = []
        _ = Fuzz.fault(
            samples: ["email;given_name\r\n\"a@b.edu\";Ada\r\n", "sep=,\na,b\n", "\u{FEFF}a\tb\n"],
            pieces: ["a", ",", ";", "\t", "\"", "\n", "\r", "sep=", "<?xml", "\u{0}", "é"], cases: 300
        ) { bytes, _ in
            files.append(bytes)
            return true
        }
        for bytes in files {
            do {
                let file = try await ImportFile(try await spool(bytes))
                var records = try await file.records()
                var line = 0
                while let record = try await records.next() {
                    #expect(record.line > line)
                    line = record.line
                }
                _ = try await FileSample.of(file, for: ImportField.allCases, kept: [:], chosen: nil)
            } catch CaseworkError.invalid {}
        }
    }
}
