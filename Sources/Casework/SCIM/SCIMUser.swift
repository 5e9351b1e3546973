import FoundationEssentials
import Postgres

/// A user as an identity provider sends it (RFC 7643, 4.1), as far as anything here depends on it.
public struct SCIMUser: Sendable, Hashable {
    /// What the provider calls the user; unique without regard to case.
    public var userName = ""
    /// The provider's own key.
    public var externalID: String?
    /// Whether the person may come in.
    public var isActive = true
    /// What the person is called as a whole; counts where there is no other name.
    public var displayName: String?
    /// First name.
    public var givenName = ""
    /// Last name.
    public var familyName = ""
    /// Addresses.
    public var emails: [SCIMEmail] = []
    /// The institution's own number of the person, which the account gets.
    public var employeeNumber: String?

    /// Reads the body of a POST.
    public init(_ body: JSONObject) throws(CaseworkError) { try take(whole: body) }

    /// The user with the values of a PUT. What is not there goes; but who does not say whether the user is active, or what the own
    /// key is, leaves that.
    public func replaced(by body: JSONObject) throws(CaseworkError) -> SCIMUser {
        var user = SCIMUser()
        user.externalID = externalID
        user.isActive = isActive
        try user.take(whole: body)
        return user
    }

    /// The user after a PATCH.
    public func patched(by operations: [SCIMOperation]) throws(CaseworkError) -> SCIMUser {
        var user = self
        try user.apply(operations)
        try user.check()
        return user
    }

    private init() {}

    private mutating func take(whole body: JSONObject) throws(CaseworkError) {
        do throws(FieldRefusal) { try take(body) } catch { throw .invalid([error]) }
        try check()
    }

    private func check() throws(CaseworkError) {
        guard !userName.isEmpty else { throw .invalid("userName", .required) }
        if let chosen, (try? EmailAddress(chosen)) == nil { throw .invalid("emails", .notAnEmailAddress) }
    }

    /// The primary address, else the one for work, else the first.
    private var chosen: String? {
        (emails.first { $0.isPrimary } ?? emails.first { $0.isForWork } ?? emails.first)?.value
    }

    /// The address that an account gets; nil where there is none. A name after its user was deleted counts before all: Entra puts
    /// 32 hex digits before it, so that somebody else can have the address.
    var address: EmailAddress? {
        let named = try? EmailAddress(userName)
        let isDeleted =
            userName.utf8.count > 32 && userName.utf8.prefix(32).allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        if isDeleted, let named { return named }
        return chosen.flatMap { try? EmailAddress($0) } ?? named
    }
}

/// One of a user's addresses.
public struct SCIMEmail: Sendable, Hashable, JSONEncodable {
    /// The address.
    public var value: String
    /// `work`, `home`, `other` or anything else.
    public var type: String?
    /// Whether it comes before the others.
    public var isPrimary = false

    var isForWork: Bool { type?.lowercased() == "work" }

    static let most = 20

    /// Reads an element of `emails`; nil for one without a value.
    init?(_ value: JSONValue) throws(FieldRefusal) {
        guard case .object(let object) = value else {
            guard let text = try value.text(254, of: "emails") else { return nil }
            self.value = text
            return
        }
        guard let text = try object.member("value")?.text(254, of: "emails") else { return nil }
        self.value = text
        type = try object.member("type")?.text(50, of: "emails")
        isPrimary = try object.member("primary")?.flag(of: "emails") ?? false
    }

    /// The address that a filter asks for, where none fits it.
    init(_ value: String, fitting filter: [SCIMComparison]) {
        self.value = value
        for comparison in filter {
            switch comparison.path.plain {
            case "type": type = String(comparison.text.unicodeScalars.prefix(50))
            case "primary": isPrimary = comparison.text.lowercased() == "true"
            default: break
            }
        }
    }

    /// Whether all comparisons hold; one that we do not know holds for none.
    func fits(_ filter: [SCIMComparison]) -> Bool {
        filter.allSatisfy { comparison in
            let wanted = comparison.text.lowercased()
            return switch comparison.path.plain {
            case "type": type?.lowercased() == wanted
            case "value": value.lowercased() == wanted
            case "primary": isPrimary == (wanted == "true")
            default: false
            }
        }
    }

    /// Writes it; null nowhere.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("value", value)
            if let type { $0.field("type", type) }
            $0.field("primary", isPrimary)
        }
    }
}

extension SCIMUser: SCIMPatchable {
    mutating func change(_ kind: SCIMOperation.Kind, _ path: SCIMPath, _ value: JSONValue) throws(FieldRefusal) {
        let value = kind == .remove ? .null : value
        switch (path.attribute, path.sub) {
        case ("username", nil):
            guard let text = try value.text(320, of: "userName") else { throw FieldRefusal("userName", .required) }
            userName = text
        case ("externalid", nil): externalID = try value.text(255, of: "externalId")
        case ("active", nil): isActive = try value.flag(of: "active") ?? isActive
        case ("displayname", nil): displayName = try value.text(200, of: "displayName")
        case ("name", "givenname"): givenName = try value.text(200, of: "name.givenName") ?? ""
        case ("name", "familyname"): familyName = try value.text(200, of: "name.familyName") ?? ""
        case ("name", nil):
            if case .object(let members) = value {
                for member in members {
                    var part = SCIMPath(attribute: "name")
                    part.sub = member.name.lowercased()
                    try change(kind, part, member.value)
                }
            } else if value == .null {
                givenName = ""
                familyName = ""
            }
        case ("emails", _): try changeEmails(kind, path, value)
        case (Self.enterprise, nil):
            guard case .object(let members) = value else {
                if value == .null { employeeNumber = nil }
                return
            }
            if let number = members.member("employeenumber") { try changeNumber(number) }
        case (Self.number, nil), (Self.enterprise, "employeenumber"): try changeNumber(value)
        default: break
        }
    }

    private mutating func changeNumber(_ value: JSONValue) throws(FieldRefusal) {
        employeeNumber = try value.text(100, of: "employeeNumber")
    }

    /// The extension for companies, and the one attribute of it that counts here, as paths have them.
    static let enterprise = SCIMSchema.enterprise.lowercased()
    static let number = "\(enterprise):employeenumber"

    private mutating func changeEmails(
        _ kind: SCIMOperation.Kind, _ path: SCIMPath, _ value: JSONValue
    ) throws(FieldRefusal) {
        if path.filter.isEmpty, path.sub == nil {
            var given: [SCIMEmail] = []
            let values = if case .array(let values) = value { values } else { [value] }
            for value in values { if let email = try SCIMEmail(value) { given.append(email) } }
            if kind == .add {
                if given.contains(where: \.isPrimary) {
                    for index in emails.indices { emails[index].isPrimary = false }
                }
                // an address of the same type takes the place of the other
                emails.removeAll { old in
                    given.contains { $0.value == old.value || $0.type != nil && $0.type == old.type }
                }
                emails += given
            } else {
                emails = given
            }
        } else if path.sub == nil || path.sub == "value" {
            guard let email = try SCIMEmail(value) else { return emails.removeAll { $0.fits(path.filter) } }
            let places = emails.indices.filter { emails[$0].fits(path.filter) }
            for place in places { emails[place].value = email.value }
            if places.isEmpty { emails.append(SCIMEmail(email.value, fitting: path.filter)) }
        } else if path.sub == "primary", let flag = try value.flag(of: "emails") {
            for place in emails.indices where emails[place].fits(path.filter) { emails[place].isPrimary = flag }
        }
        guard emails.count <= SCIMEmail.most else {
            throw FieldRefusal("emails", .beyond(.tooManyChosen, most: SCIMEmail.most))
        }
    }
}

/// A user that is kept here.
public struct StoredSCIMUser: Sendable, RowDecodable, SCIMResource {
    /// What it is known by, which no other user ever gets.
    public let id: SCIMID
    /// What was sent.
    public let user: SCIMUser
    /// When it came.
    public let createdAt: Date
    /// When it changed last.
    public let changedAt: Date
    /// The version of the row.
    public let version: Version

    static let columns: SQL = """
        u.id, u.user_name, u.external_id, u.active, u.display_name, u.given_name, u.family_name, u.emails,
        u.employee_number, u.created_at, u.changed_at, u.version
        """

    /// Reads `columns`.
    public init(row: Row) throws {
        id = .user(try row.get("id"))
        user = try SCIMUser(row: row)
        createdAt = try row.get("created_at")
        changedAt = try row.get("changed_at")
        version = Version(try row.get("version"))
    }

    /// Writes the resource of RFC 7643, 4.1; what there is none of is not there.
    public func write(to json: inout JSONWriter, below base: String, _ selection: SCIMSelection) {
        let number = selection.has(SCIMUser.number, SCIMUser.enterprise) ? user.employeeNumber : nil
        json.object { json in
            json.field("schemas", [SCIMSchema.user] + (number == nil ? [] : [SCIMSchema.enterprise]))
            json.field("id", id.text)
            if let key = user.externalID, selection.has("externalid") { json.field("externalId", key) }
            if selection.has("username") { json.field("userName", user.userName) }
            if selection.has("name"), !user.givenName.isEmpty || !user.familyName.isEmpty {
                json.object("name") {
                    if !user.givenName.isEmpty { $0.field("givenName", user.givenName) }
                    if !user.familyName.isEmpty { $0.field("familyName", user.familyName) }
                }
            }
            if let name = user.displayName, selection.has("displayname") { json.field("displayName", name) }
            if selection.has("active") { json.field("active", user.isActive) }
            if !user.emails.isEmpty, selection.has("emails") { json.field("emails", user.emails) }
            if let number { json.field(named: SCIMSchema.enterprise, EnterpriseUser(number: number)) }
            if selection.has("meta") { writeMeta(to: &json, createdAt, changedAt, below: base) }
        }
    }
}

private struct EnterpriseUser: JSONEncodable {
    let number: String

    func write(to json: inout JSONWriter) { json.object { $0.field("employeeNumber", number) } }
}

extension SCIMResource {
    func writeMeta(to json: inout JSONWriter, _ created: Date, _ changed: Date, below base: String) {
        json.object("meta") {
            $0.field("resourceType", id.type)
            $0.field("created", created)
            $0.field("lastModified", changed)
            $0.field("location", id.location(below: base))
            $0.field("version", version.entityTag)
        }
    }
}

extension SCIMUser: RowDecodable {
    /// Reads the columns of what was sent.
    public init(row: Row) throws {
        userName = try row.get("user_name")
        externalID = try row.get("external_id")
        isActive = try row.get("active")
        displayName = try row.get("display_name")
        givenName = try row.get("given_name")
        familyName = try row.get("family_name")
        let list = try JSONValue(parsing: Array(try row.get("emails", as: JSONText.self).text.utf8))
        if case .array(let values) = list { emails = try values.compactMap { try SCIMEmail($0) } }
        employeeNumber = try row.get("employee_number")
    }
}
