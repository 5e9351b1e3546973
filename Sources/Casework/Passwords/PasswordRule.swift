/// Which passwords a person may choose: long ones, whatever they are made of (NIST SP 800-63B).
public enum PasswordRule {
    /// In code points.
    public static let minLength = 12
    /// In bytes; a limit on work, not on choice.
    public static let maxBytes = 1024

    /// Throws where the password is too short, too long, or the account's own e-mail address.
    public static func check(_ password: String, email: String? = nil) throws(Refusal) {
        if password.utf8.contains(0) { throw Refusal(.nulCharacter) }
        if password.utf8.count > maxBytes { throw .beyond(.tooManyBytes, most: maxBytes) }
        if password.unicodeScalars.count < minLength { throw .tooShort(least: minLength) }
        if let email, password.trimmed.lowercased() == email.lowercased() {
            throw Refusal(.passwordIsAddress)
        }
    }
}

extension FieldRule where Value == String {
    /// A new password, taken exactly as typed; `email` is the account's address, where it is known by then.
    public static func password(email: String? = nil) -> FieldRule {
        var rule = FieldRule(placeholder: "") { (text) throws(Refusal) in
            try PasswordRule.check(text, email: email)
            return text
        }
        rule.keepsBlank = true
        return rule
    }

    /// A new password of an account whose address does not matter or is checked later.
    public static var password: FieldRule { .password() }
}
