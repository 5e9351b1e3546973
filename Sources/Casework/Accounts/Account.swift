import Postgres

/// The most that a person may do. Memberships and directorships say where.
public enum Role: String, Sendable, Hashable, CaseIterable, JSONEncodable {
    case admin, director, manager, staff, student
}

/// Whether a person may come in.
public enum AccountStatus: String, Sendable, Hashable, CaseIterable, JSONEncodable {
    case active
    /// May not come in for now.
    case suspended
    /// Has left; their work stays.
    case archived
}

extension Role: PostgresEncodable, PostgresDecodable {}
extension AccountStatus: PostgresEncodable, PostgresDecodable {}

/// A person of the institution.
public struct Account: Sendable, Hashable, Versioned {
    /// Number of the account.
    public let id: Int
    /// As it was typed; equal to every other spelling that differs in case only.
    public let email: String
    /// First name; empty for those who only have a last one.
    public let givenName: String
    /// Last name; empty for those who have none.
    public let familyName: String
    /// What the person wants to be called instead of the given name, if anything.
    public let preferredName: String?
    /// What the person is called, as people write it: made by the column of that name, for every list alike.
    public let name: String
    /// What the person may do at most.
    public let role: Role
    /// Whether the person may come in.
    public let status: AccountStatus
    /// The institution's own number of a student.
    public let studentNumber: String?
    /// Of the row; the ETag.
    public let version: Version
    /// What lists are sorted by.
    let sortName: String

    /// What `init(row:)` reads, without a table's name before it.
    static let columns: SQL =
        "id, email, given_name, family_name, preferred_name, name, role, status, student_number, version, sort_name"
    /// What the audit keeps of a row; of a relation that has the columns.
    static let audited: SQL = """
        jsonb_build_object('email', email, 'givenName', given_name, 'familyName', family_name,
            'preferredName', preferred_name, 'role', role, 'status', status, 'studentNumber', student_number)
        """

    var isActiveAdmin: Bool { role == .admin && status == .active }
}

extension Account: RowDecodable {
    /// Reads a row with the columns of an account.
    public init(row: Row) throws {
        id = try row.get("id")
        email = try row.get("email")
        givenName = try row.get("given_name")
        familyName = try row.get("family_name")
        preferredName = try row.get("preferred_name")
        name = try row.get("name")
        role = try row.get("role")
        status = try row.get("status")
        studentNumber = try row.get("student_number")
        version = Version(try row.get("version"))
        sortName = try row.get("sort_name")
    }
}

extension Account: JSONEncodable {
    /// Writes what the API tells of an account: never its password.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("id", id)
            json.field("email", email)
            json.field("givenName", givenName)
            json.field("familyName", familyName)
            json.field("preferredName", preferredName)
            json.field("role", role)
            json.field("status", status)
            json.field("studentNumber", studentNumber)
        }
    }
}

extension AccountStatus {
    /// The status as a word of a sentence.
    var term: Refusal.Term {
        switch self {
        case .active: .active
        case .suspended: .suspended
        case .archived: .archived
        }
    }
}
