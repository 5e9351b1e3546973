import Postgres

/// The institution's OpenID provider, as its admins set it.
public struct IdentityProvider: Sendable, RowDecodable, JSONEncodable, Versioned {
    /// Whether people sign in by it.
    public let isEnabled: Bool
    /// Its address, as it calls itself letter by letter.
    public let issuer: String?
    /// What it calls us.
    public let clientID: String?
    /// Whether there is a secret for it. What it is comes out for the provider only.
    public let hasSecret: Bool
    /// What people call it; nil for the institution's name.
    public let label: String?
    /// The claim that holds the address.
    public let emailClaim: String
    /// The claim that holds a student's number; nil for none.
    public let numberClaim: String?
    /// Whether whoever nobody knows yet gets an account.
    public let createsStudents: Bool
    /// Whether a student's account is found by its address once.
    public let linksStudents: Bool
    /// Whether an address counts only where the provider says that it has verified it.
    public let requiresVerifiedEmail: Bool
    /// Domains that an address must be of; none: any.
    public let domains: [String]
    /// Who becomes more than a student.
    public let rules: [RoleRule]
    /// Whether students may sign in by a password too.
    public let studentPasswords: Bool
    /// The version of the row.
    public let version: Version

    static let columns: SQL = """
        enabled, issuer, client_id, sealed_secret is not null as has_secret, label, email_claim, number_claim, creates_students,
        links_students, requires_verified_email, domains, rules::text as rules, student_passwords, version
        """

    /// Reads `columns`.
    public init(row: Row) throws {
        isEnabled = try row.get("enabled")
        issuer = try row.get("issuer")
        clientID = try row.get("client_id")
        hasSecret = try row.get("has_secret")
        label = try row.get("label")
        emailClaim = try row.get("email_claim")
        numberClaim = try row.get("number_claim")
        createsStudents = try row.get("creates_students")
        linksStudents = try row.get("links_students")
        requiresVerifiedEmail = try row.get("requires_verified_email")
        domains = try row.get("domains")
        rules = Self.rules(try row.get("rules"))
        studentPasswords = try row.get("student_passwords")
        version = Version(try row.get("version"))
    }

    /// The rules that the column holds as text.
    static func rules(_ text: String) -> [RoleRule] {
        guard case .array(let values)? = try? JSONValue(parsing: Array(text.utf8)) else { return [] }
        return values.compactMap { try? RoleRule($0) }
    }

    /// Writes the API's object: all but the secret.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("enabled", isEnabled)
            $0.field("issuer", issuer)
            $0.field("clientId", clientID)
            $0.field("hasClientSecret", hasSecret)
            $0.field("label", label)
            $0.field("emailClaim", emailClaim)
            $0.field("numberClaim", numberClaim)
            $0.field("createsStudents", createsStudents)
            $0.field("linksStudents", linksStudents)
            $0.field("requiresVerifiedEmail", requiresVerifiedEmail)
            $0.field("domains", domains)
            $0.field("rules", rules)
            $0.field("studentPasswords", studentPasswords)
        }
    }
}

/// What an admin sets of the provider, all of it; the secret stays where it is not sent.
public struct IdentityProviderDraft: Sendable {
    let isEnabled: Bool
    let issuer: String?
    let clientID: String?
    let secret: Patch<String>
    let label: String?
    let emailClaim: String
    let numberClaim: String?
    let createsStudents: Bool
    let linksStudents: Bool
    let requiresVerifiedEmail: Bool
    let domains: [String]
    let rules: [RoleRule]
    let studentPasswords: Bool

    /// Reads the fields of `PUT /settings/identity-provider` or of the page's form.
    public init(_ fields: inout Fields) {
        isEnabled = fields.value("enabled", .bool, default: false)
        issuer = fields.optional("issuer", .issuer)
        clientID = fields.optional("clientId", .text(1...500))
        secret = fields.patchOptional("clientSecret", .verbatim())
        label = fields.optional("label", .text(1...100))
        emailClaim = fields.optional("emailClaim", .text(1...200)) ?? "email"
        numberClaim = fields.optional("numberClaim", .text(1...200))
        createsStudents = fields.value("createsStudents", .bool, default: false)
        linksStudents = fields.value("linksStudents", .bool, default: false)
        requiresVerifiedEmail = fields.value("requiresVerifiedEmail", .bool, default: true)
        domains = fields.optional("domains", .domains) ?? []
        rules = fields.optional("rules", .roleRules) ?? []
        studentPasswords = fields.value("studentPasswords", .bool, default: true)
        if secret.value == "" { fields.refuse("clientSecret", .empty) }
        if isEnabled, issuer == nil { fields.refuse("issuer", .required) }
        if isEnabled, clientID == nil { fields.refuse("clientId", .required) }
    }
}

extension FieldRule where Value == String {
    /// An issuer's address, kept letter by letter: https, or http where the operator allows it; without query and fragment
    /// (OpenID Connect Core §2).
    static var issuer: FieldRule {
        var rule = FieldRule(placeholder: "") { (raw) throws(Refusal) in
            let text = raw.trimmed
            let isWhole = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x3f && $0 != 0x23 && $0 != 0x40 }
            let rest = ["https://", "http://"].first { text.hasPrefix($0) }.map { text.dropFirst($0.count) }
            guard isWhole, let rest, let first = rest.first, first != "/", text.utf8.count <= 500 else {
                throw Refusal(.notAWebAddress)
            }
            return text
        }
        rule.blankIsNull = true
        return rule
    }
}
