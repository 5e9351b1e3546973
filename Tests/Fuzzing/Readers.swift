import Dates

@testable import Casework
@testable import Postgres
@testable import Web

/// Every reader of text from outside, for libFuzzer, which looks for input that reaches lines it has not seen. The seeded
/// fuzz tests check what is read; here it is enough that nothing traps.
private let readers: [@Sendable (_ bytes: [UInt8], _ text: String) throws -> Void] = [
    { bytes, _ in
        let value = try JSONValue(parsing: bytes)
        guard try JSONValue(parsing: JSONWriter.bytes(of: value)) == value else { fatalError("JSON reads as another") }
    },
    { bytes, _ in
        var parser = CSVParser()
        var records: [CSVRecord] = []
        try parser.feed(bytes[...]) { records.append($0) }
        try parser.finish { records.append($0) }
        let header = try CSVHeader(records.first, for: ImportField.allCases)
        for record in records where header.problem(of: record) == nil {
            _ = ImportField.allCases.map { header.value($0, in: record) }
        }
    },
    { bytes, _ in
        for encoding in TextEncoding.allCases {
            var decoder = TextDecoder(encoding)
            _ = decoder.decode(bytes) + decoder.finish()
        }
    },
    { bytes, _ in _ = try URLEncoded.pairs(bytes) },
    { bytes, _ in
        guard let inflater = Inflater(isDeflated: true) else { return }
        inflater.feed(bytes)
        while let output = inflater.next() { if output.isEmpty { return } }
    },
    { bytes, _ in
        for type in [TypeID.text, TypeID.jsonb, TypeID.timestamptz, TypeID.date, TypeID.float8, 0] {
            try? bytes.withUnsafeBytes { _ = try [String?].decode(Cell(bytes: $0, type: type)) }
            try? bytes.withUnsafeBytes { _ = try Int.decode(Cell(bytes: $0, type: type)) }
            try? bytes.withUnsafeBytes { _ = try CalendarDate.decode(Cell(bytes: $0, type: type)) }
            try? bytes.withUnsafeBytes { _ = try JSONText.decode(Cell(bytes: $0, type: type)) }
        }
    },
    { _, text in
        guard let cursor = Cursor(text) else { return }
        _ = (try? cursor.int(0), try? cursor.text(1), try? cursor.text(99))
    },
    { _, text in _ = (try? EmailAddress(text), try? WebAddress.https(text), try? FileName(text)) },
    { _, text in _ = (CalendarDate(text)?.adding(days: .max), Instant.date(parsing: text)) },
    { _, text in _ = (IfMatch(header: text), SessionToken(parsing: text), PasswordHash(stored: text)) },
    { _, text in _ = (try? SCIMFilter(text), SCIMPath(text), SCIMID(text), try? SignedToken(text)) },
    { _, text in _ = (AcceptLanguage.tags(of: text), MediaType(text), ContentDisposition.formData(text)) },
    { _, text in _ = (RequestHost(authority: text, domain: "localhost"), text.ownPath) },
]

/// One input: the first byte chooses the reader, the rest is read.
@_cdecl("LLVMFuzzerTestOneInput")
public func readOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    try? readers[Int(choice) % readers.count](bytes, String(decoding: bytes, as: UTF8.self))
    return 0
}

/// libFuzzer as a function (`FuzzerInterface.h`).
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ read: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// What the package manager makes the program's `main`.
@_cdecl("Fuzzing_main")
public func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var (count, arguments) = (count, arguments)
    return runFuzzer(&count, &arguments, readOne)
}
