/// What a row says of a person; of staff it says no student number.
struct PersonCells: Sendable {
    let email: String
    let givenName: String?
    let familyName: String?
    let preferredName: String?
    let studentNumber: String?
    let line: Int

    init(_ record: CSVRecord, _ header: CSVHeader) throws(FieldRefusal) {
        try self.init(on: record.line) { header.value($0, in: record) }
    }

    /// - Parameters:
    ///   - needsEmail: whether the row must have an address; else it is empty where there is none.
    ///   - cell: what the row has in a column; nil where there is none or it is blank.
    init(on line: Int, needsEmail: Bool = true, cell: (ImportField) -> String?) throws(FieldRefusal) {
        let address = cell(.email) ?? ""
        email =
            address.isEmpty && !needsEmail
            ? "" : try Self.named(.email) { () throws(Refusal) in try EmailAddress(address).text }
        givenName = try Self.text(.givenName, cell, 200)
        familyName = try Self.text(.familyName, cell, 200)
        preferredName = try Self.text(.preferredName, cell, 100)
        studentNumber = try Self.text(.studentNumber, cell, 100)
        if let number = studentNumber, Self.isShortened(number) {
            throw FieldRefusal("student_number", .numberShortened)
        }
        self.line = line
    }

    /// Says nothing.
    init(on line: Int) {
        (email, givenName, familyName, preferredName, studentNumber) = ("", nil, nil, nil, nil)
        self.line = line
    }

    private static func text(
        _ field: ImportField, _ cell: (ImportField) -> String?, _ longest: Int
    ) throws(FieldRefusal) -> String? {
        guard let cell = cell(field) else { return nil }
        return try named(field) { () throws(Refusal) in
            if cell.utf8.first == UInt8(ascii: "=") { throw Refusal(.formulaCell) }
            return try Text.clean(cell, length: 1...longest)
        }
    }

    /// Whether a spreadsheet has made a power of ten of a long number, `1.2E+05`, and its last digits are lost.
    private static func isShortened(_ number: String) -> Bool {
        let halves = number.uppercased().split(separator: "E+", omittingEmptySubsequences: false)
        guard halves.count == 2, let power = halves.last, let digits = halves.first else { return false }
        return !power.isEmpty && power.utf8.allSatisfy { (0x30...0x39).contains($0) } && !digits.isEmpty
            && digits.utf8.allSatisfy {
                (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",")
            }
    }

    private static func named<Value>(
        _ field: ImportField, _ read: () throws(Refusal) -> Value
    ) throws(FieldRefusal) -> Value {
        do { return try read() } catch { throw FieldRefusal(field.rawValue, error) }
    }
}
