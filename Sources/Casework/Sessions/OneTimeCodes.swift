import COpenSSL
import FoundationEssentials
import Postgres
import Tenancy

/// The codes of an authenticator app: TOTP of RFC 6238 with SHA-1, six digits and steps of 30 s, which is what every app knows.
public struct OneTimeCodes: Sendable {
    /// The shared secret; 20 bytes where it was made here.
    let seed: [UInt8]

    static let stepSeconds = 30

    init(seed: [UInt8]) {
        self.seed = seed
    }

    /// A new secret; throws `CaseworkError.lacking` where the system has no randomness.
    static func random() throws(CaseworkError) -> OneTimeCodes {
        OneTimeCodes(seed: try randomBytes(20))
    }

    /// The code of a time step: HOTP of RFC 4226, section 5.3.
    /// - Parameter digits: 6 to 8.
    func code(at step: Int, digits: Int = 6) -> String {
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * $0)) }
        var digest = [UInt8](repeating: 0, count: 20)
        HMAC(EVP_sha1(), seed, Int32(seed.count), counter, counter.count, &digest, nil)
        let start = Int(digest[19] & 15)
        let number = digest[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } & 0x7fff_ffff
        let modulus = (0..<digits).reduce(1) { sum, _ in sum * 10 }
        let text = String(number % modulus)
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// The time step of a moment; 0 before 1970.
    static func step(at moment: Date) -> Int {
        let seconds = moment.timeIntervalSince1970
        guard seconds > 0, seconds < 1e12 else { return 0 }
        return Int(seconds) / stepSeconds
    }

    /// The step whose code that is: the present one, or the one before or after it, since clocks differ.
    func step(of code: String, at moment: Date) -> Int? {
        let now = Self.step(at: moment)
        return [now, now - 1, now + 1].first {
            $0 > 0 && constantTimeEqual(Array(self.code(at: $0).utf8), Array(code.utf8))
        }
    }

    /// The secret as people type it: RFC 4648 Base32, in groups of four.
    public var text: String { Base32.grouped(Base32.encode(seed), by: " ") }

    /// What an app reads from a link or a picture, by the key URI format: whose account it is, where, and the secret.
    /// - Parameters:
    ///   - account: the address by which the person signs in.
    ///   - issuer: the institution's name.
    public func uri(account: String, issuer: String) -> String {
        // a colon parts issuer and account
        let issuer = issuer.replacing(":", with: " ").uriEncoded
        return "otpauth://totp/\(issuer):\(account.uriEncoded)?secret=\(Base32.encode(seed))&issuer=\(issuer)"
    }
}

/// What somebody typed where a code is asked for.
enum CodeAnswer: Equatable {
    /// Six digits of the app.
    case code(String)
    /// The hash of a recovery code.
    case recovery([UInt8])

    /// Nil for what is neither. Spaces and hyphens do not matter, nor does case.
    init?(_ text: String) {
        guard text.utf8.count <= 100 else { return nil }
        let bare = text.lowercased().filter { !$0.isWhitespace && $0 != "-" }
        if bare.utf8.count == 6, bare.utf8.allSatisfy({ (48...57).contains($0) }) {
            self = .code(bare)
        } else if let code = RecoveryCode(typed: bare) {
            self = .recovery(code.hash)
        } else {
            return nil
        }
    }
}

/// A code that works once, for whoever has lost the app: 80 random bits.
struct RecoveryCode: Equatable {
    private let letters: String

    /// How many somebody has.
    static let many = 10

    static func random() throws(CaseworkError) -> RecoveryCode {
        RecoveryCode(letters: Base32.encode(try randomBytes(10)).lowercased())
    }

    private init(letters: String) {
        self.letters = letters
    }

    /// - Parameter bare: in small letters, without spaces and hyphens. A zero was an o, and a one an l.
    init?(typed bare: String) {
        let letters = bare.replacing("0", with: "o").replacing("1", with: "l")
        guard letters.utf8.count == 16, letters.utf8.allSatisfy({ (97...122).contains($0) || (50...55).contains($0) })
        else { return nil }
        self.letters = letters
    }

    /// `abcd-efgh-ijkl-mnop`
    var text: String { Base32.grouped(letters, by: "-") }

    /// What is stored, 32 bytes.
    var hash: [UInt8] { Digest.sha256(Array("recovery \(letters)".utf8)) }
}

extension [RecoveryCode] {
    /// What is stored, as an expression.
    var hashes: SQL { "array[\(map { "\($0.hash)" as SQL }.joined())]::bytea[]" }
}

/// RFC 4648, section 6, without padding: only written here, never read.
enum Base32 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var (buffer, bits): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(digits[Int(buffer >> bits & 31)])
            }
        }
        if bits > 0 { text.append(digits[Int(buffer << (5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }

    static func grouped(_ text: String, by separator: String) -> String {
        var groups: [Substring] = []
        var rest = text[...]
        while !rest.isEmpty {
            groups.append(rest.prefix(4))
            rest = rest.dropFirst(4)
        }
        return groups.joined(separator: separator)
    }
}

extension String {
    /// Percent-encoded but for RFC 3986's unreserved characters.
    fileprivate var uriEncoded: String {
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: [byte]
            default: [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
