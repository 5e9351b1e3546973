import Postgres
import Tenancy

/// What people of a role may become here who are no students; nobody becomes an admin by a file.
public enum StaffRole: String, Sendable, CaseIterable, JSONEncodable {
    case staff, manager, director
}

/// A role of OneRoster that may be taken in by rule. Those of guardians and relatives are not.
public enum RosterRole: String, Sendable, CaseIterable {
    case teacher, aide, counselor, proctor, principal, administrator

    /// The role in a file, of 1.1 or 1.2: the kinds of administrators are one.
    init?(typed: String) {
        let name = typed.lowercased()
        let administrators = ["districtadministrator", "siteadministrator", "systemadministrator"]
        self.init(rawValue: administrators.contains(name) ? "administrator" : name)
    }
}

/// A type of class.
public enum RosterClassType: String, Sendable, CaseIterable, JSONEncodable {
    case homeroom, scheduled
}

/// What an institution has ruled about rosters.
public struct RosterRules: Sendable, RowDecodable, JSONEncodable, Versioned {
    /// What people of a role become; who has none of these is left out.
    public let roles: [RosterRole: StaffRole]
    /// The category in which classes become cohorts; nil where they do not.
    public let categoryID: Int?
    /// Only classes of that type; nil for all.
    public let classType: RosterClassType?
    /// Only classes with that text in their title or code, without regard to case; nil for all.
    public let classText: String?
    /// The version of the row.
    public let version: Version

    static let columns: SQL = """
        administrator, aide, counselor, principal, proctor, teacher, category_id, class_type, class_text, version
        """

    /// Reads `columns`.
    public init(row: Row) throws {
        var roles: [RosterRole: StaffRole] = [:]
        for role in RosterRole.allCases {
            roles[role] = try row.get(role.rawValue, as: String?.self).flatMap(StaffRole.init)
        }
        self.roles = roles
        categoryID = try row.get("category_id")
        classType = try row.get("class_type", as: String?.self).flatMap(RosterClassType.init)
        classText = try row.get("class_text")
        version = Version(try row.get("version"))
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            for role in RosterRole.allCases { $0.field(named: role.rawValue, roles[role]) }
            $0.field("categoryId", categoryID)
            $0.field("classType", classType)
            $0.field("classText", classText)
        }
    }

    /// Whether a class becomes a cohort.
    func chooses(title: String, code: String?, type: String?) -> Bool {
        guard categoryID != nil, classType == nil || classType?.rawValue == type?.lowercased() else { return false }
        guard let text = classText?.lowercased() else { return true }
        return title.lowercased().contains(text) || code?.lowercased().contains(text) ?? false
    }
}

/// What changes about the rules.
public struct RosterRulesPatch: Sendable {
    let roles: [RosterRole: Patch<StaffRole>]
    let categoryID: Patch<Int>
    let classType: Patch<RosterClassType>
    let classText: Patch<String>

    /// Reads a field for each role, `categoryId`, `classType` and `classText`.
    public init(_ fields: inout Fields) {
        var roles: [RosterRole: Patch<StaffRole>] = [:]
        for role in RosterRole.allCases {
            roles[role] = fields.patchOptional(role.rawValue, .choice(StaffRole.self))
        }
        self.roles = roles
        categoryID = fields.patchOptional("categoryId", .id)
        classType = fields.patchOptional("classType", .choice(RosterClassType.self))
        classText = fields.patchOptional("classText", .text(1...200))
    }
}

/// An institution's rules of rosters. Admins change them in person, never by API token.
public struct RosterRulesRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as an admin.
    public init(work: UnitOfWork) { self.work = work }

    /// The rules as they are.
    public static func find() -> Reading<RosterRules> { Reading(row) }

    static let row: Query<RosterRules> = ("select \(RosterRules.columns) from roster_rules where id = 1" as SQL)
        .one(RosterRules.self)

    private static let refusals: Refusals = [
        "roster_rules_category_id_fkey": .invalid("categoryId", .unknownCategory)
    ]

    /// Changes the rules.
    /// - Throws: `preconditionFailed`; `invalid` for a category that is not there.
    public func update(_ patch: RosterRulesPatch, ifMatch: IfMatch) async throws -> RosterRules {
        func new(_ role: RosterRole, _ column: SQL) -> SQL {
            let change = patch.roles[role] ?? .absent
            return "case when \(change.isPresent) then \(change.value?.rawValue)::text else \(column) end"
        }
        let (matched, found) = try await Self.refusals {
            try await work(
                ("""
                with old as (
                        select \(RosterRules.columns), \(ifMatch.accepts("version")) as matched
                        from roster_rules where id = 1 for update),
                    wanted as (
                        select \(new(.administrator, "administrator")) as administrator, \(new(.aide, "aide")) as aide,
                            \(new(.counselor, "counselor")) as counselor, \(new(.principal, "principal")) as principal,
                            \(new(.proctor, "proctor")) as proctor, \(new(.teacher, "teacher")) as teacher,
                            case when \(patch.categoryID.isPresent) then \(patch.categoryID.value)::int
                                else category_id end as category_id,
                            case when \(patch.classType.isPresent) then \(patch.classType.value?.rawValue)::text
                                else class_type end as class_type,
                            case when \(patch.classText.isPresent) then \(patch.classText.value)::text
                                else class_text end as class_text
                        from old where matched),
                    new as (
                        update roster_rules r set administrator = w.administrator, aide = w.aide, counselor = w.counselor,
                            principal = w.principal, proctor = w.proctor, teacher = w.teacher,
                            category_id = w.category_id, class_type = w.class_type, class_text = w.class_text,
                            version = r.version + 1
                        from wanted w
                        where r.id = 1 and (r.administrator, r.aide, r.counselor, r.principal, r.proctor, r.teacher,
                                r.category_id, r.class_type, r.class_text)
                            is distinct from (w.administrator, w.aide, w.counselor, w.principal, w.proctor, w.teacher,
                                w.category_id, w.class_type, w.class_text)
                        returning r.administrator, r.aide, r.counselor, r.principal, r.proctor, r.teacher, r.category_id,
                            r.class_type, r.class_text),
                    noted as (
                        insert into audit (action, subject, before, after)
                        select 'roster.rules', 'roster', (select \(Self.audited) from old), \(Self.audited) from new)
                select matched from old
                """ as SQL).value(Bool.self), Self.row)
        }
        guard matched else { throw CaseworkError.preconditionFailed }
        return found
    }

    private static let audited: SQL = """
        jsonb_build_object('administrator', administrator, 'aide', aide, 'counselor', counselor, 'principal', principal,
            'proctor', proctor, 'teacher', teacher, 'categoryId', category_id, 'classType', class_type,
            'classText', class_text)
        """
}
