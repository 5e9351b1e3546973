import Postgres
import Tenancy

/// A row of `orgs.csv` or `classes.csv` that is taken in.
struct RosterPlace: Sendable {
    let sourcedID: String
    let name: String
    /// What tells a class from others with its title.
    let code: String?
}

/// Rows of `orgs.csv`: those of type `department` become departments.
struct RosterOrgs: ImportKind {
    let part: RosterPackage.Part
    let header: RosterHeader
    private var known = SeenValues()
    /// Which department a sourcedId stands for.
    private var linked: [String: Int] = [:]
    private var names: [Int: String] = [:]
    /// By name as the database compares it.
    private var byName: [String: Int] = [:]
    /// How many sourcedIds stand for a department.
    private var shares: [Int: Int] = [:]

    init(_ part: RosterPackage.Part, _ header: RosterHeader) { (self.part, self.header) = (part, header) }

    mutating func begin(_ transaction: Transaction) async throws {
        linked = try await transaction(RosterStatements.records(of: "org", "department_id"))
        let sql: SQL = "select id, name, false as archived, null::int as category from departments"
        let departments = try await transaction(sql.all(Named.self))
        for department in departments { note(department.id, department.name) }
        for id in linked.values { shares[id, default: 0] += 1 }
    }

    private mutating func note(_ id: Int, _ name: String) {
        names[id] = name
        byName[name.lowercasedLikeSQL] = id
    }

    mutating func read(_ record: CSVRecord) -> ImportRow<RosterPlace> {
        header.row(record, part.mode, &known) { row throws(FieldRefusal) in
            guard header.value("type", in: record)?.lowercased() == "department" else {
                return .settled(ImportFate(.skipped, Refusal(.rosterNoDepartment)))
            }
            if row.isDeleted { return .settled(ImportFate(.skipped, Refusal(.rosterKept))) }
            let name = try header.name("name", in: record)
            return .open(RosterPlace(sourcedID: row.sourcedID, name: name, code: nil))
        }
    }

    mutating func judge(
        _ rows: [RosterPlace], isStoring: Bool, in transaction: Transaction
    ) async throws -> [(fate: ImportFate, email: String?)] {
        var fates: [(fate: ImportFate, email: String?)] = []
        var new: [String: String] = [:]
        var renamed: [(id: Int, name: String, old: String)] = []
        var links: [(sourcedID: String, key: String)] = []
        for row in rows {
            let key = row.name.lowercasedLikeSQL
            if let id = linked[row.sourcedID], let old = names[id] {
                if old == row.name {
                    fates.append((ImportFate(.unchanged), nil))
                } else if byName[key] ?? id != id {
                    fates.append((ImportFate(.invalid, Refusal(.departmentNameTaken), in: "name"), nil))
                } else if shares[id] ?? 1 > 1 {
                    fates.append((ImportFate(.skipped, Refusal(.rosterShared)), nil))
                } else {
                    byName[old.lowercasedLikeSQL] = nil
                    note(id, row.name)
                    renamed.append((id, row.name, old))
                    fates.append((ImportFate(.updated, changed: ["name"]), nil))
                }
                continue
            }
            links.append((row.sourcedID, key))
            if byName[key] == nil, new.updateValue(row.name, forKey: key) == nil {
                fates.append((ImportFate(.added), nil))
            } else {
                fates.append((ImportFate(.unchanged), nil))
            }
        }
        if !renamed.isEmpty { try await transaction(RosterStatements.renameDepartments(renamed)) }
        if !new.isEmpty {
            let made = try await transaction(RosterStatements.addDepartments(new.values.sorted()))
            for department in made { note(department.id, department.name) }
        }
        let kept = links.compactMap { link in byName[link.key].map { (sourcedID: link.sourcedID, id: $0) } }
        if !kept.isEmpty { try await transaction(RosterStatements.keepDepartments(kept)) }
        for link in kept {
            linked[link.sourcedID] = link.id
            shares[link.id, default: 0] += 1
        }
        return fates
    }

    func end(_ report: inout ImportReportWriter, isStoring: Bool, in transaction: Transaction) async throws {}
}

/// Rows of `classes.csv`: those that the rules choose become cohorts.
struct RosterClasses: ImportKind {
    let part: RosterPackage.Part
    let header: RosterHeader
    let rules: RosterRules
    /// The sourcedIds of the file.
    private(set) var known = SeenValues()
    private var linked: [String: Int] = [:]
    private var cohorts: [Int: Named] = [:]
    /// The cohorts of the rules' category, by name as the database compares it.
    private var byName: [String: Int] = [:]
    /// Cohorts that a sourcedId stands for.
    private var taken: Set<Int> = []

    init(_ part: RosterPackage.Part, _ header: RosterHeader, rules: RosterRules) {
        (self.part, self.header, self.rules) = (part, header, rules)
    }

    mutating func begin(_ transaction: Transaction) async throws {
        linked = try await transaction(RosterStatements.records(of: "class", "cohort_id"))
        taken = Set(linked.values)
        let sql: SQL = """
            select id, name, archived_at is not null as archived, category_id as category from cohorts
            where category_id = \(rules.categoryID) or id = any (\(Array(taken))::int[])
            """
        let found = try await transaction(sql.all(Named.self))
        for cohort in found {
            cohorts[cohort.id] = cohort
            if cohort.category == rules.categoryID { byName[cohort.name.lowercasedLikeSQL] = cohort.id }
        }
    }

    mutating func read(_ record: CSVRecord) -> ImportRow<RosterPlace> {
        header.row(record, part.mode, &known) { row throws(FieldRefusal) in
            if row.isDeleted { return .settled(ImportFate(.skipped, Refusal(.rosterKept))) }
            let title = try header.name("title", in: record)
            let code = header.value("classCode", in: record)
            guard rules.chooses(title: title, code: code, type: header.value("classType", in: record)) else {
                return .settled(ImportFate(.skipped, Refusal(.rosterNotChosen)))
            }
            return .open(RosterPlace(sourcedID: row.sourcedID, name: title, code: code))
        }
    }

    mutating func judge(
        _ rows: [RosterPlace], isStoring: Bool, in transaction: Transaction
    ) async throws -> [(fate: ImportFate, email: String?)] {
        guard let category = rules.categoryID else { throw CaseworkError.unavailable }
        var fates: [(fate: ImportFate, email: String?)] = []
        var new: [String] = []
        var renamed: [(id: Int, name: String, old: String)] = []
        var links: [(sourcedID: String, key: String)] = []
        for row in rows {
            let names = Self.names(of: row)
            if let id = linked[row.sourcedID], let cohort = cohorts[id] {
                if cohort.isArchived {
                    fates.append((ImportFate(.skipped, Refusal(.cohortArchived)), nil))
                } else if names.contains(cohort.name) || cohort.category != category {
                    fates.append((ImportFate(.unchanged), nil))
                } else if let name = names.first(where: { byName[$0.lowercasedLikeSQL] ?? id == id }) {
                    byName[cohort.name.lowercasedLikeSQL] = nil
                    byName[name.lowercasedLikeSQL] = id
                    cohorts[id]?.name = name
                    renamed.append((id, name, cohort.name))
                    fates.append((ImportFate(.updated, changed: ["name"]), nil))
                } else {
                    fates.append((ImportFate(.invalid, Refusal(.cohortNameTaken), in: "title"), nil))
                }
                continue
            }
            let key = row.name.lowercasedLikeSQL
            if let id = byName[key], id != 0, !taken.contains(id), cohorts[id]?.isArchived == false {
                taken.insert(id)
                links.append((row.sourcedID, key))
                fates.append((ImportFate(.unchanged), nil))
            } else if let name = names.first(where: { byName[$0.lowercasedLikeSQL] == nil }) {
                byName[name.lowercasedLikeSQL] = 0  // until it has a number
                new.append(name)
                links.append((row.sourcedID, name.lowercasedLikeSQL))
                fates.append((ImportFate(.added), nil))
            } else {
                fates.append((ImportFate(.invalid, Refusal(.cohortNameTaken), in: "title"), nil))
            }
        }
        if !renamed.isEmpty { try await transaction(RosterStatements.renameCohorts(renamed)) }
        if !new.isEmpty {
            let made = try await transaction(RosterStatements.addCohorts(new, in: category))
            for (id, name) in made {
                byName[name.lowercasedLikeSQL] = id
                cohorts[id] = Named(id: id, name: name, isArchived: false, category: category)
            }
        }
        let kept = links.compactMap { link in byName[link.key].map { (sourcedID: link.sourcedID, id: $0) } }
        if !kept.isEmpty { try await transaction(RosterStatements.keepCohorts(kept)) }
        for link in kept {
            linked[link.sourcedID] = link.id
            taken.insert(link.id)
        }
        return fates
    }

    /// What the cohort may be called: the class's title, else with its code, else with its sourcedId.
    private static func names(of row: RosterPlace) -> [String] {
        [nil, row.code, row.sourcedID].compactMap { addition in
            guard let addition else { return row.name }
            let room = 200 - min(addition.unicodeScalars.count, 150) - 3
            let tail = String(addition.unicodeScalars.prefix(150))
            return "\(String(row.name.unicodeScalars.prefix(room))) (\(tail))"
        }
    }

    func end(_ report: inout ImportReportWriter, isStoring: Bool, in transaction: Transaction) async throws {}
}

/// A department or a cohort.
private struct Named: RowDecodable {
    let id: Int
    var name: String
    let isArchived: Bool
    let category: Int?

    init(id: Int, name: String, isArchived: Bool, category: Int?) {
        (self.id, self.name, self.isArchived, self.category) = (id, name, isArchived, category)
    }

    init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        isArchived = try row.get("archived")
        category = try row.get("category")
    }
}

extension RosterHeader {
    /// Reads a row of a table whose objects have a sourcedId, each once.
    func row<Cells>(
        _ record: CSVRecord, _ mode: RosterPackage.Mode, _ known: inout SeenValues,
        _ read: (RosterRow) throws(FieldRefusal) -> ImportRow<Cells>.Content
    ) -> ImportRow<Cells> {
        func row(_ content: ImportRow<Cells>.Content) -> ImportRow<Cells> {
            ImportRow(line: record.line, email: nil, source: value("sourcedId", in: record), content: content)
        }
        if let problem = problem(of: record) {
            return ImportRow(line: record.line, email: nil, content: .settled(.init(.invalid, problem)))
        }
        do throws(FieldRefusal) {
            let found = try RosterRow(record, self, mode)
            if let line = known.line(of: found.sourcedID) {
                throw FieldRefusal("sourcedId", Refusal(.numberTwice, ["line": .number(line)]))
            }
            known.note(found.sourcedID, line: record.line)
            return row(try read(found))
        } catch {
            return row(.settled(ImportFate(.invalid, error.refusal, in: error.field)))
        }
    }

    /// What something is called.
    func name(_ column: String, in record: CSVRecord) throws(FieldRefusal) -> String {
        do throws(Refusal) {
            return try Text.clean(value(column, in: record) ?? "", length: 1...200)
        } catch {
            throw FieldRefusal(column, error)
        }
    }
}
