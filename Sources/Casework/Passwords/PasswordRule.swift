import Foundation

/// Whose password it is to be: what it must not be made of.
public struct PasswordOwner: Sendable {
    /// The account's address; nil where it is not known yet.
    public var email: String?
    /// What the person is called.
    public var names: [String]

    /// Nobody in particular.
    public init(email: String? = nil, names: [String?] = []) {
        self.email = email
        self.names = names.compactMap(\.self)
    }
}

/// Which passwords a person may choose: long ones that nobody tries first, whatever they are made of, as NIST SP 800-63B-4,
/// section 3.1.1.2 has it ("Password Verifiers"). What is stored already stays as it is.
public enum PasswordRule {
    /// In code points: what the standard demands of a password by which alone somebody signs in.
    public static let minLength = 15
    /// In bytes; a limit on work, not on choice. (The standard: at least 64 characters.)
    public static let maxBytes = 1024
    /// So many letters and digits a password must have beside what everybody knows of the person.
    private static let leastOwn = 8
    /// Shorter words stand in too many others.
    private static let shortestWord = 3

    /// Throws where the password is too short, too long, one that everybody tries first, or little more than the person's
    /// own name or e-mail address.
    public static func check(_ password: String, of owner: PasswordOwner = PasswordOwner()) throws(Refusal) {
        if password.utf8.contains(0) { throw Refusal(.nulCharacter) }
        if password.utf8.count > maxBytes { throw .beyond(.tooManyBytes, most: maxBytes) }
        let folded = folded(password)
        if let email = owner.email, folded.trimmed == Self.folded(email) { throw Refusal(.passwordIsAddress) }
        if password.precomposedStringWithCompatibilityMapping.unicodeScalars.count < minLength {
            throw .tooShort(least: minLength)
        }
        if CommonPasswords.contains(folded) { throw Refusal(.passwordIsCommon) }
        if isMade(folded, of: owner) { throw Refusal(.passwordIsName) }
    }

    /// As passwords are compared: composed as for hashing, in small letters.
    static func folded(_ text: String) -> String { text.precomposedStringWithCompatibilityMapping.lowercased() }

    private static func isMade(_ folded: String, of owner: PasswordOwner) -> Bool {
        // of an address the last label says nothing of the person
        let labels = (owner.email ?? "").split(separator: ".").dropLast().joined(separator: ".")
        let words = (owner.names + [labels, "waymark"]).flatMap {
            Self.folded($0).split { !$0.isLetter && !$0.isNumber }
        }
        let bare = folded.filter { $0.isLetter || $0.isNumber }
        let rest = words.filter { $0.count >= shortestWord }.sorted { $0.count > $1.count }
            .reduce(bare) { $0.replacing($1, with: "") }
        return rest.count < min(leastOwn, bare.count)
    }
}

extension FieldRule where Value == String {
    /// A new password, taken exactly as typed.
    public static func password(of owner: PasswordOwner = PasswordOwner()) -> FieldRule {
        var rule = FieldRule(placeholder: "") { (text) throws(Refusal) in
            try PasswordRule.check(text, of: owner)
            return text
        }
        rule.keepsBlank = true
        return rule
    }

    /// A new password of an account that does not matter or is looked at later.
    public static var password: FieldRule { .password() }
}
