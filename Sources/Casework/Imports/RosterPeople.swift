import Postgres
import Tenancy

/// What a row of `users.csv` says.
struct RosterPerson: Sendable {
    let sourcedID: String
    /// What it says of the person; nil where the row only says that they are gone, or is not taken in.
    let cells: PersonCells?
    /// Nil where the package says nothing of it: who is here keeps what they are.
    let role: Role?
    /// Whether the person may not come in, or is gone.
    let isSuspended: Bool
    /// Why it is not taken in.
    var skipped: Refusal?
    let line: Int

    var address: String { cells?.email ?? "" }
    var number: String? { cells?.studentNumber }
}

/// Rows of `users.csv`.
struct RosterPeople: ImportKind {
    let part: RosterPackage.Part
    let header: RosterHeader
    let rules: RosterRules
    /// Of version 1.2, where roles have a file of their own.
    let roles: RosterRoles?
    let options: ImportOptions
    /// The sourcedIds of the file.
    private(set) var known = SeenValues()
    private var addresses = SeenValues()
    private var numbers = SeenValues()
    private var hasStatus = false
    private var isByToken = false
    // Whom each row is about that can be read, in the order of the file; found before the first one is judged.
    private var who: [RosterWho.Row] = []
    private var kinds: [UInt8] = []
    private var lines: [Int32] = []
    private var verdicts: [RosterWho.Verdict] = []
    private var next = 0
    private var missing: [Int] = []
    private var active = 0
    private var suspended = 0
    // What can only be given to its new owner once all former owners have given it up.
    private var laterNumbers: [(id: Int, number: String)] = []
    private var laterAddresses: [(line: Int, email: String)] = []

    init(
        _ part: RosterPackage.Part, _ header: RosterHeader, rules: RosterRules, roles: RosterRoles?,
        options: ImportOptions
    ) {
        (self.part, self.header, self.rules, self.roles, self.options) = (part, header, rules, roles, options)
    }

    mutating func read(_ record: CSVRecord) -> ImportRow<RosterPerson> {
        if let problem = header.problem(of: record) {
            return ImportRow(line: record.line, email: nil, content: .settled(.init(.invalid, problem)))
        }
        let (source, typed) = (header.value("sourcedId", in: record), header.value("email", in: record))
        func row(_ content: ImportRow<RosterPerson>.Content) -> ImportRow<RosterPerson> {
            ImportRow(line: record.line, email: typed, source: source, content: content)
        }
        do throws(FieldRefusal) {
            return row(.open(try person(in: record)))
        } catch {
            return row(.settled(ImportFate(.invalid, error.refusal, in: error.field)))
        }
    }

    private mutating func person(in record: CSVRecord) throws(FieldRefusal) -> RosterPerson {
        let row = try RosterRow(record, header, part.mode)
        if let line = known.line(of: row.sourcedID) {
            throw FieldRefusal("sourcedId", Refusal(.numberTwice, ["line": .number(line)]))
        }
        known.note(row.sourcedID, line: record.line)
        if header.value("status", in: record) != nil, !part.isWholeWithStatus { hasStatus = true }
        func nobody(_ skipped: Refusal?) -> RosterPerson {
            RosterPerson(
                sourcedID: row.sourcedID, cells: nil, role: nil, isSuspended: skipped == nil, skipped: skipped,
                line: record.line)
        }
        if row.isDeleted { return nobody(nil) }
        let role: Role?
        if let roles {
            switch roles[row.sourcedID] {
            case .taken(let taken): role = taken
            case .left(let word): return nobody(Refusal(.rosterRoleLeft, ["role": .text(word)]))
            case nil:
                if roles.isWhole { return nobody(Refusal(.rosterRoleMissing)) }
                role = nil
            }
        } else {
            guard let word = header.value("role", in: record) else { throw FieldRefusal("role", .empty) }
            switch RosterRoles.Found(word, rules) {
            case .taken(let taken): role = taken
            case .left(let word): return nobody(Refusal(.rosterRoleLeft, ["role": .text(word)]))
            }
        }
        let isEnabled: Bool
        switch header.value("enabledUser", in: record)?.lowercased() {
        case nil, "true", "1": isEnabled = true
        case "false", "0": isEnabled = false
        default: throw FieldRefusal("enabledUser", .notABoolean)
        }
        let cells = try cells(of: record, isStudent: role == .student || role == nil)
        let key = cells.email.lowercasedLikeSQL
        if !key.isEmpty {
            if let line = addresses.line(of: key) {
                throw FieldRefusal("email", Refusal(.numberTwice, ["line": .number(line)]))
            }
            addresses.note(key, line: record.line)
        }
        if let number = cells.studentNumber {
            if let line = numbers.line(of: number) {
                throw FieldRefusal("identifier", Refusal(.numberTwice, ["line": .number(line)]))
            }
            numbers.note(number, line: record.line)
        }
        return RosterPerson(
            sourcedID: row.sourcedID, cells: cells, role: role, isSuspended: !isEnabled, line: record.line)
    }

    /// What the field's column is called.
    private func name(of field: ImportField) -> String {
        switch field {
        case .givenName: "givenName"
        case .familyName: "familyName"
        case .preferredName: "preferredGivenName"
        case .studentNumber: "identifier"
        case .email, .role, .groups: field.rawValue
        }
    }

    /// People without an address may have one as their user name.
    private func cells(of record: CSVRecord, isStudent: Bool) throws(FieldRefusal) -> PersonCells {
        do throws(FieldRefusal) {
            return try PersonCells(on: record.line, needsEmail: false) { field in
                if field == .studentNumber, !isStudent { return nil }
                if let cell = header.value(name(of: field), in: record) { return cell }
                let username = field == .email ? header.value("username", in: record) : nil
                return username.flatMap { $0.contains("@") ? $0 : nil }
            }
        } catch {
            throw FieldRefusal(ImportField(rawValue: error.field).map(name(of:)) ?? error.field, error.refusal)
        }
    }

    /// Reads the file once to find out who is who, since rows may give each other what they have.
    mutating func begin(_ transaction: Transaction) async throws {
        isByToken = try await transaction(("select waymark.token_id() is not null" as SQL).value(Bool.self))
        var reader = self
        var records = try await part.content.records()
        _ = try await records.next()
        var waiting: [RosterPerson] = []
        var count = 0
        while let record = try await records.next() {
            if case .open(let person) = reader.read(record).content { waiting.append(person) }
            count += 1
            try checkRowCount(count)
            if waiting.count >= importRowsAtATime { try await look(&waiting, in: transaction) }
        }
        try await look(&waiting, in: transaction)
        verdicts = RosterWho.verdicts(who)
        let present = Set(who.map { Int($0.bySource) })
        (active, missing) = try await transaction(RosterStatements.missing(from: Array(present)))
        if part.mode != .bulk || reader.hasStatus { missing = [] }
    }

    private mutating func look(_ waiting: inout [RosterPerson], in transaction: Transaction) async throws {
        guard !waiting.isEmpty else { return }
        let found = try await transaction(RosterStatements.people(of: waiting).one(RosterStatements.Found.self))
        let rows = found.rows(for: waiting)
        guard rows.count == waiting.count else { throw CaseworkError.unavailable }
        who += rows
        kinds += found.sourceKinds
        lines += waiting.map { Int32(truncatingIfNeeded: $0.line) }
        waiting.removeAll(keepingCapacity: true)
    }

    mutating func judge(
        _ rows: [RosterPerson], isStoring: Bool, in transaction: Transaction
    ) async throws -> [(fate: ImportFate, email: String?)] {
        guard next + rows.count <= verdicts.count else { throw CaseworkError.unavailable }
        let start = next
        next += rows.count
        var fates: [ImportFate?] = []
        var open: [(person: RosterPerson, judged: StudentStatements.Judged, index: Int)] = []
        var holders: Set<Int> = []
        for (person, index) in zip(rows, start...) {
            switch decide(person, index) {
            case .open(let judged):
                open.append((person, judged, index))
                fates.append(nil)
            case .settled(let fate): fates.append(fate)
            case .ofAnother:
                holders.formUnion([Int(who[index].byAddress), Int(who[index].byNumber)])
                fates.append(nil)
            }
        }
        let codes =
            open.isEmpty
            ? [] : try await transaction(StudentStatements.judge(open.map(\.judged), true).values(String.self))
        guard codes.count == open.count else { throw CaseworkError.unavailable }
        try await keep(Array(zip(open, codes)), in: transaction)
        let people = holders.isEmpty ? [:] : try await transaction(StudentStatements.people(who: Array(holders)))
        var answers = zip(open, codes).makeIterator()
        return try zip(fates, start...).map { fate, index in
            if let fate { return (fate, nil) }
            switch verdicts[index] {
            case .addressOfAnother, .numberOfAnother, .found(.torn):
                return (ofAnother(index, people), nil)
            case .found:
                guard let (row, code) = answers.next() else { throw CaseworkError.unavailable }
                if code == "g" {
                    return (ImportFate(.invalid, Refusal(.emptyForNewAccount), in: name(of: .givenName)), nil)
                }
                guard code == "s" || code == "t" else { return (try StudentStatements.fate(code), nil) }
                let other: Refusal.Code = row.judged.role == .student ? .rowOfNoStudent : .rowOfStudent
                let refusal = Refusal(code == "t" ? .rowArchived : other)
                // what an admin has made of the roster's own people holds
                return (ImportFate(who[index].bySource == 0 ? .notAStudent : .skipped, refusal), nil)
            }
        }
    }

    private enum Decision {
        case open(StudentStatements.Judged)
        case settled(ImportFate)
        /// The row has an address or a number that is another person's.
        case ofAnother
    }

    private func decide(_ person: RosterPerson, _ index: Int) -> Decision {
        if let skipped = person.skipped { return .settled(ImportFate(.skipped, skipped)) }
        let kind = kinds[index]
        let isKept = who[index].bySource != 0
        guard let cells = person.cells ?? (isKept ? PersonCells(on: person.line) : nil) else {
            return .settled(ImportFate(.skipped, Refusal(.rosterGone)))
        }
        let wasSuspended = isKept && kind >= UInt8(ascii: "a")
        let status = person.isSuspended ? "suspended" : wasSuspended ? "active" : nil
        func judged(_ account: Int32, _ takesAddress: Bool, _ takesNumber: Bool, _ role: Role) -> Decision {
            .open(
                StudentStatements.Judged(
                    cells: cells, account: Int(account), takesAddress: takesAddress, takesNumber: takesNumber,
                    role: role,
                    status: status))
        }
        switch verdicts[index] {
        case .found(.known(let id, let takesAddress, let takesNumber)):
            guard let role = person.role ?? Self.role(kind) else {
                return .settled(ImportFate(.skipped, Refusal(.rosterRoleMissing)))
            }
            return judged(id, takesAddress, takesNumber, role)
        case .found(.new(let takesAddress)):
            guard let role = person.role else {
                return .settled(ImportFate(.skipped, Refusal(.rosterRoleMissing)))
            }
            if person.isSuspended { return .settled(ImportFate(.skipped, Refusal(.rosterGone))) }
            if cells.email.isEmpty { return .settled(ImportFate(.invalid, Refusal(.empty), in: "email")) }
            if role != .student, isByToken {
                return .settled(ImportFate(.invalid, Refusal(.rosterStaffInPerson), in: "role"))
            }
            return judged(0, takesAddress, false, role)
        case .found(.twice(let other)):
            return .settled(ImportFate(.invalid, .rowTwice(lines.indices.contains(other) ? Int(lines[other]) : 0)))
        case .found(.torn), .addressOfAnother, .numberOfAnother: return .ofAnother
        }
    }

    /// The role of who is here, by its letter.
    private static func role(_ letter: UInt8) -> Role? {
        switch letter | 0x20 {
        case UInt8(ascii: "a"): .admin
        case UInt8(ascii: "d"): .director
        case UInt8(ascii: "m"): .manager
        case UInt8(ascii: "f"): .staff
        case UInt8(ascii: "s"): .student
        default: nil
        }
    }

    private func ofAnother(_ index: Int, _ people: [Int: NamedAccount]) -> ImportFate {
        let row = who[index]
        let (byAddress, byNumber) = (people[Int(row.byAddress)], people[Int(row.byNumber)])
        return switch verdicts[index] {
        case .addressOfAnother: ImportFate(.invalid, .rosterOf(byAddress), in: "email")
        case .numberOfAnother: ImportFate(.invalid, .rosterOf(byNumber), in: "identifier")
        case .found: ImportFate(.invalid, .number(of: byNumber, andAddressOf: byAddress), in: "identifier")
        }
    }

    /// Keeps whom a sourcedId stands for, and what can only be given at the end.
    private mutating func keep(
        _ rows: [(row: (person: RosterPerson, judged: StudentStatements.Judged, index: Int), code: String)],
        in transaction: Transaction
    ) async throws {
        var records: [RosterStatements.Record] = []
        for ((person, judged, index), code) in rows {
            guard let first = code.utf8.first, "au=y".utf8.contains(first) else { continue }
            if "au".utf8.contains(first) {
                if judged.takesAddress { laterAddresses.append((person.line, judged.cells.email)) }
                if judged.takesNumber, let number = judged.cells.studentNumber {
                    laterNumbers.append((judged.account, number))
                }
            }
            let changesStatus = first == UInt8(ascii: "u") && code.utf8.contains(UInt8(ascii: "s"))
            if changesStatus, person.isSuspended { suspended += 1 }
            guard changesStatus || who[index].bySource == 0 else { continue }
            records.append(
                RosterStatements.Record(
                    sourcedID: person.sourcedID, account: judged.account,
                    email: judged.takesAddress ? StudentStatements.placeholder(person.line) : judged.cells.email,
                    isSuspended: changesStatus && person.isSuspended))
        }
        if !records.isEmpty { try await transaction(RosterStatements.keep(records)) }
    }

    func end(_ report: inout ImportReportWriter, isStoring: Bool, in transaction: Transaction) async throws {
        report.missing = part.mode == .bulk && !hasStatus ? missing.count : nil
        if part.mode == .bulk, hasStatus { report.notes.append(FieldRefusal(part.file.name, .rosterNotWhole)) }
        let leaving = options.suspendsMissing ? missing : []
        report.suspended = suspended + leaving.count
        try await options.check(report.suspended, of: active, .tooManySuspended, in: transaction)
        if options.suspendsMissing {
            if !options.isDryRun, report.failed > 0, !missing.isEmpty {
                throw CaseworkError.conflict(Refusal(.missingUnsure))
            }
            report.missingPeople = try await transaction(StudentStatements.people(of: missing))
        }
        if !laterAddresses.isEmpty { try await transaction(StudentStatements.give(laterAddresses)) }
        if !laterNumbers.isEmpty { try await transaction(StudentStatements.give(laterNumbers)) }
        if !leaving.isEmpty { try await transaction(RosterStatements.suspend(leaving)) }
    }
}
