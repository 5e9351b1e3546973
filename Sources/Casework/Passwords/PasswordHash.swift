import COpenSSL
import Foundation

/// A password's scrypt hash with all that is needed to check it: `$scrypt$ln=17,r=8,p=1$<salt>$<hash>`.
struct PasswordHash: Sendable, Hashable {
    let cost: PasswordCost
    private let salt: [UInt8]
    private let key: [UInt8]

    /// Hashes with a new salt. Takes 128 MiB and about a third of a second at the standard cost: never on an executor.
    init(hashing password: String, cost: PasswordCost) throws(CaseworkError) {
        self.cost = cost
        salt = try randomBytes(16)
        key = try Self.derive(password, salt: salt, cost: cost, length: 32)
    }

    /// Reads stored text; nil where it is none, or asks for more work than any cost of ours.
    init?(stored: String) {
        let parts = stored.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt", let cost = PasswordCost(parsing: parts[2]),
            let salt = Base64.standard.decode(parts[3]), let key = Base64.standard.decode(parts[4]),
            (8...64).contains(salt.count), (16...64).contains(key.count)
        else { return nil }
        self.cost = cost
        self.salt = salt
        self.key = key
    }

    /// What the database keeps.
    var stored: String { "$scrypt$\(cost.text)$\(Base64.standard.encode(salt))$\(Base64.standard.encode(key))" }

    /// Whether that is the password; takes as long as hashing it.
    func matches(_ password: String) throws(CaseworkError) -> Bool {
        constantTimeEqual(key, try Self.derive(password, salt: salt, cost: cost, length: key.count))
    }

    private static func derive(
        _ password: String, salt: [UInt8], cost: PasswordCost, length: Int
    ) throws(CaseworkError) -> [UInt8] {
        // One password typed on two keyboards may come as different code points: NFKC, as NIST SP 800-63B has it (5.1.1.2 of
        // revision 3). Another form would make every stored hash of such a password wrong.
        let password = Array(password.precomposedStringWithCompatibilityMapping.utf8).map(CChar.init(bitPattern:))
        var key = [UInt8](repeating: 0, count: length)
        let done = EVP_PBE_scrypt(
            password, password.count, salt, salt.count, 1 << UInt64(cost.logN), UInt64(cost.r), UInt64(cost.p),
            cost.memory, &key, key.count)
        guard done == 1 else { throw .lacking(.memory) }
        return key
    }
}

/// How much work a password hash is.
public struct PasswordCost: Sendable, Hashable {
    let logN: Int
    let r: Int
    let p: Int

    /// 128 MiB and one pass (OWASP's choice for scrypt).
    public static let standard = PasswordCost(logN: 17, r: 8, p: 1)
    /// 1 MiB: for tests and for the passwords of a demo, which are random.
    public static let weak = PasswordCost(logN: 10, r: 8, p: 1)

    init(logN: Int, r: Int = 8, p: Int = 1) {
        self.logN = logN
        self.r = r
        self.p = p
    }

    /// Reads `ln=17,r=8,p=1`; nil beyond 256 MiB or four passes, so that no stored text can stop the server.
    init?(parsing text: some StringProtocol) {
        let values = text.split(separator: ",", omittingEmptySubsequences: false)
        guard values.count == 3 else { return nil }
        var numbers: [Int] = []
        for (value, name) in zip(values, ["ln=", "r=", "p="]) {
            guard value.hasPrefix(name), let number = Int(value.dropFirst(name.count)) else { return nil }
            numbers.append(number)
        }
        guard (4...18).contains(numbers[0]), (1...16).contains(numbers[1]), (1...4).contains(numbers[2]) else {
            return nil
        }
        self.init(logN: numbers[0], r: numbers[1], p: numbers[2])
        guard text == self.text, 128 * r << logN <= 256 << 20 else { return nil }
    }

    var text: String { "ln=\(logN),r=\(r),p=\(p)" }

    /// What scrypt may allocate, in bytes: its table and the blocks beside it.
    var memory: UInt64 { UInt64(128 * r << logN) + UInt64(128 * r * (p + 2)) + 65_536 }
}
