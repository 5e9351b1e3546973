import Dates

/// What people are, by `roles.csv` of a package of version 1.2: a few bytes for each.
struct RosterRoles {
    /// What becomes of a role.
    enum Found: Equatable {
        case taken(Role)
        /// No rule takes it in; as it is written.
        case left(String)

        /// - Parameter word: as it stands in the file.
        init(_ word: String, _ rules: RosterRules) {
            if word.lowercased() == "student" {
                self = .taken(.student)
            } else if let role = RosterRole(typed: word), let taken = rules.roles[role] {
                self = .taken(Role(taken))
            } else {
                self = .left(String(word.prefix(50)))
            }
        }

        /// Of several, the primary one counts where it is taken in, else a student's, else the least.
        fileprivate func rank(isPrimary: Bool) -> Int {
            switch self {
            case .left: 0
            case .taken(let role): (isPrimary ? 10 : 0) + 1 + (Self.order.firstIndex(of: role) ?? 0)
            }
        }

        private static let order: [Role] = [.director, .manager, .staff, .student]
    }

    /// Whether the package has all roles there are.
    let isWhole: Bool
    private var roles: [Int: (found: Found, rank: Int)] = [:]

    /// Reads the file; rows that cannot be used are told in the report.
    /// - Parameter today: roles of other days do not count.
    init(
        _ part: RosterPackage.Part?, _ rules: RosterRules, today: CalendarDate, _ report: inout ImportReportWriter
    ) async throws {
        guard let part else {
            isWhole = false
            return
        }
        isWhole = part.mode == .bulk
        var records = try await part.content.records()
        let header = try RosterHeader(
            try await records.next(), of: part.file.name, requires: ["sourcedId", "userSourcedId", "role"])
        report.file = part.file.name
        var count = 0
        while let record = try await records.next() {
            count += 1
            try checkRowCount(count)
            do throws(FieldRefusal) {
                if let problem = header.problem(of: record) { throw FieldRefusal("", problem) }
                try take(record, header, part.mode, rules, today)
            } catch {
                let fate = ImportFate(.invalid, error.refusal, in: error.field)
                report.append(record, email: nil, source: nil, fate)
                if report.failed.isMultiple(of: importRowsAtATime) { try await report.flush() }
            }
        }
        try await report.flush()
    }

    private mutating func take(
        _ record: CSVRecord, _ header: RosterHeader, _ mode: RosterPackage.Mode, _ rules: RosterRules,
        _ today: CalendarDate
    ) throws(FieldRefusal) {
        let row = try RosterRow(record, header, mode)
        if row.isDeleted { return }
        guard let user = header.value("userSourcedId", in: record) else { throw FieldRefusal("userSourcedId", .empty) }
        guard let word = header.value("role", in: record) else { throw FieldRefusal("role", .empty) }
        if let begins = try RosterRow.day("beginDate", record, header), begins > today { return }
        if let ends = try RosterRow.day("endDate", record, header), ends <= today { return }
        let found = Found(word, rules)
        let isPrimary = header.value("roleType", in: record)?.lowercased() == "primary"
        let rank = found.rank(isPrimary: isPrimary)
        let key = SeenValues.hash(user)
        if let other = roles[key], other.rank >= rank { return }
        roles[key] = (found, rank)
    }

    /// What the person with that sourcedId is; nil where the file says nothing.
    subscript(user: String) -> Found? { roles[SeenValues.hash(user)]?.found }
}

extension Role {
    /// The role that a rule gives.
    public init(_ role: StaffRole) {
        switch role {
        case .director: self = .director
        case .manager: self = .manager
        case .staff: self = .staff
        }
    }
}
