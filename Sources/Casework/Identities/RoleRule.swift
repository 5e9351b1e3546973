import Postgres

/// Who comes in as more than a student: whoever a provider says this of, when the account is made.
public struct RoleRule: Sendable, Hashable, JSONEncodable {
    /// The roles that a provider's word can give. An admin is made by an admin.
    public enum Role: String, Sendable, CaseIterable, JSONEncodable {
        case director, manager, staff
    }

    /// The name of the claim.
    public let claim: String
    /// What it must be, or hold where it is a list.
    public let value: String
    /// What its person becomes.
    public let role: Role

    /// Writes `{"claim","value","role"}`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("claim", claim)
            $0.field("value", value)
            $0.field("role", role)
        }
    }

    /// As a line of a form: `groups = advisers: staff`.
    public var line: String { "\(claim) = \(value): \(role.rawValue)" }

    private init(claim: String, value: String, role: String) throws(Refusal) {
        self.claim = try Text.clean(claim, length: 1...200, multiline: false)
        self.value = try Text.clean(value, length: 1...200, multiline: false)
        guard let role = Role(rawValue: role.trimmed) else {
            throw Refusal(.notAChoice, ["choices": .list(Role.allCases.map(\.rawValue))])
        }
        self.role = role
    }

    /// Reads a line of a form. The claim ends at the first `=`, the role begins behind the last colon.
    public init(line: String) throws(Refusal) {
        guard let equals = line.firstIndex(of: "="), let colon = line.lastIndex(of: ":"), equals < colon else {
            throw Refusal(.notARoleRule)
        }
        try self.init(
            claim: String(line[..<equals]), value: String(line[line.index(after: equals)..<colon]),
            role: String(line[line.index(after: colon)...]))
    }

    /// Reads the object that `write` wrote.
    init(_ value: JSONValue) throws(Refusal) {
        guard case .object(let object) = value, object.count == 3, let claim = object.text("claim"),
            let value = object.text("value"), let role = object.text("role")
        else { throw Refusal(.notARoleRule) }
        try self.init(claim: claim, value: value, role: role)
    }

    /// How many one institution may have.
    static let most = 50

    /// The role that the first fitting rule gives; nil where none fits.
    static func role(of claims: IdentityClaims, by rules: [RoleRule]) -> Role? {
        rules.first { claims.holds($0.claim, $0.value) }?.role
    }
}

extension FieldRule where Value == [RoleRule] {
    /// Rules: objects of the API, or the lines of a form's field.
    public static var roleRules: FieldRule {
        FieldRule(
            placeholder: [],
            json: { (value) throws(Refusal) in
                guard case .array(let values) = value else { throw Refusal(.notARoleRule) }
                guard values.count <= RoleRule.most else { throw .beyond(.tooManyChosen, most: RoleRule.most) }
                var rules: [RoleRule] = []
                for value in values { rules.append(try RoleRule(value)) }
                return rules
            },
            text: { (texts) throws(Refusal) in
                let lines = (texts.first ?? "").split(whereSeparator: \.isNewline).filter { !$0.trimmed.isEmpty }
                guard lines.count <= RoleRule.most else { throw .beyond(.tooManyChosen, most: RoleRule.most) }
                var rules: [RoleRule] = []
                for line in lines { rules.append(try RoleRule(line: String(line))) }
                return rules
            })
    }
}

extension FieldRule where Value == [String] {
    /// Domains of e-mail addresses, in small letters: texts of the API, or words of a form's field.
    public static var domains: FieldRule {
        let check: ([String]) throws(Refusal) -> [String] = { (texts) throws(Refusal) in
            guard texts.count <= 50 else { throw .beyond(.tooManyChosen, most: 50) }
            var domains: [String] = []
            for text in texts { domains.append(try EmailAddress("a@" + text.trimmed).domain) }
            return domains
        }
        return FieldRule(
            placeholder: [],
            json: { (value) throws(Refusal) in
                guard case .array(let values) = value else { throw Refusal(.notAString) }
                var texts: [String] = []
                for value in values {
                    guard case .string(let text) = value else { throw Refusal(.notAString) }
                    texts.append(text)
                }
                return try check(texts)
            },
            text: { (texts) throws(Refusal) in
                try check((texts.first ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init))
            })
    }
}

extension EmailAddress {
    /// What stands behind the `@`, in small letters.
    var domain: String { lowercased.split(separator: "@").last.map(String.init) ?? "" }
}
