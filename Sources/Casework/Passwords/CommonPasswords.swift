import Foundation

/// Passwords that everybody tries first: those that leaks have shown to be common, also with digits and signs around them,
/// and what is typed along a keyboard or again and again.
enum CommonPasswords {
    /// What is left of each without what stands before its first letter and behind its last one. Empty where the program's
    /// file is missing.
    private static let words: Set<Substring> = {
        let file = Bundle.module.bundleURL.appendingPathComponent("common-passwords.txt")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
        return Set(lines.flatMap { $0.split(separator: " ") })
    }()

    /// How many there are.
    static var count: Int { words.count }

    /// Shorter pieces that are typed again and again hide nothing.
    private static let shortestPiece = 8

    /// Whether everybody tries it first.
    /// - Parameter password: as `PasswordRule.folded` makes it.
    static func contains(_ password: String) -> Bool {
        let bare = password.filter { $0.isLetter || $0.isNumber }
        return isListed(password) || isListed(bare) || isAlongTheKeyboard(bare) || isRepeated(bare)
    }

    private static func isListed(_ text: some StringProtocol) -> Bool {
        let core = text.drop { !$0.isLetter }
        guard let last = core.lastIndex(where: \.isLetter) else { return false }
        return words.contains(Substring(core[...last]))
    }

    private static let rows = [
        "01234567890123456789012345", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm",
    ]

    private static func isAlongTheKeyboard(_ text: String) -> Bool {
        !text.isEmpty && rows.contains { $0.contains(text) || String($0.reversed()).contains(text) }
    }

    /// Whether it is one piece, short or common itself, again and again.
    private static func isRepeated(_ text: String) -> Bool {
        let letters = Array(text)
        return (1..<max(letters.count / 2 + 1, 1)).contains { length in
            let piece = letters.prefix(length)
            guard zip(letters, letters.dropFirst(length)).allSatisfy(==) else { return false }
            return length < shortestPiece || isListed(String(piece))
        }
    }
}
