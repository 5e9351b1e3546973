import Tenancy

/// One of the keys by which secrets are sealed that must come out again: 256 random bits. Its `description` is its id.
public struct SecretKey: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The first 8 hexadecimal digits of the SHA-256 of how the key is written: tells keys apart, and a mistyped one.
    public let id: String
    let bytes: [UInt8]

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        id = String(Digest.hex(Digest.sha256(Array(Base64.url.encode(bytes).utf8))).prefix(8))
    }

    /// A new key; throws `CaseworkError.lacking` where the system has no randomness.
    public static func random() throws(CaseworkError) -> SecretKey {
        SecretKey(bytes: try randomBytes(AES256GCM.keySize))
    }

    /// The key that `text` wrote; nil for all else, also where id and key do not belong together.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 52, let bytes = Base64.url.decode(text.suffix(43)) else { return nil }
        self.init(bytes: bytes)
        guard self.text == text else { return nil }
    }

    /// `3f9a1c02:` and 43 characters.
    public var text: String { "\(id):\(Base64.url.encode(bytes))" }

    /// Shows nothing of the key but its id.
    public var description: String { "SecretKey(\(id))" }
    /// Shows nothing of the key but its id.
    public var debugDescription: String { description }
    /// Shows nothing of the key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The keys that a deployment has: the first one seals, all open.
public struct SecretKeys: Sendable {
    /// In the order in which they are written.
    public let keys: [SecretKey]
    private let sealing: SecretKey

    /// What is wrong with the text of the keys. It quotes nothing of them.
    public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// There is no key.
        case none
        /// A line is no key, or was not copied right. Lines count from 1.
        case unreadable(line: Int)
        /// A key stands there a second time.
        case repeated(line: Int)

        /// What to say behind the name of the setting.
        public var description: String {
            switch self {
            case .none: "holds no key; waymark secrets new-key makes one"
            case .unreadable(let line):
                "line \(line) is no key: an id of 8 digits, a colon and 43 characters, copied without a mistake"
            case .repeated(let line): "line \(line) holds a key for the second time"
            }
        }
    }

    /// Reads keys, one a line; what stands behind `#` is for people.
    public init(_ text: String) throws(Fault) {
        var keys: [SecretKey] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let word = line.prefix { $0 != "#" }.trimmed
            if word.isEmpty { continue }
            guard let key = SecretKey(word) else { throw .unreadable(line: index + 1) }
            guard !keys.contains(key) else { throw .repeated(line: index + 1) }
            keys.append(key)
        }
        guard let first = keys.first else { throw .none }
        self.keys = keys
        sealing = first
    }

    /// The id of the key that seals.
    public var newest: String { sealing.id }

    /// Seals a secret for the one place where it will be stored.
    /// - Throws: `CaseworkError.lacking` where the system does not do it.
    public func seal(_ secret: [UInt8], at place: SealedPlace) throws(CaseworkError) -> SealedSecret {
        let nonce = try randomBytes(AES256GCM.nonceSize)
        let box = try AES256GCM.seal(secret, key: sealing.bytes, nonce: nonce, bound: place.bound(key: sealing.id))
        return SealedSecret(key: sealing.id, box: nonce + box)
    }

    /// The secret that was sealed at that place.
    /// - Throws: `CaseworkError.lacking(.secretKey)` where its key is not among these, or it was sealed for another place.
    public func open(_ sealed: SealedSecret, at place: SealedPlace) throws(CaseworkError) -> [UInt8] {
        guard let key = keys.first(where: { $0.id == sealed.key }) else { throw .lacking(.secretKey) }
        let nonce = Array(sealed.box.prefix(AES256GCM.nonceSize))
        let box = Array(sealed.box.dropFirst(AES256GCM.nonceSize))
        guard let secret = AES256GCM.open(box, key: key.bytes, nonce: nonce, bound: place.bound(key: key.id)) else {
            throw .lacking(.secretKey)
        }
        return secret
    }
}
