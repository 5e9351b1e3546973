/// What a person or program did wrong, or what stands in the way: every expected failure of the product, and nothing
/// else. One function in `Web` turns each case into a status, so a new case does not compile until it has one.
public enum CaseworkError: Error, Hashable, Sendable {
    /// No such object, or one that the caller may not know of (404).
    case notFound
    /// The caller's role may not do this (403).
    case forbidden
    /// The institution is not set up yet; `missing` holds the keys of the open steps (403, type `/not-set-up`).
    case notSetUp(missing: [String])
    /// No, a wrong or an expired sign-in (401).
    case unauthenticated
    /// Well-formed input with wrong content, all problems at once (422).
    case invalid([FieldRefusal])
    /// Not JSON, or not UTF-8 (400).
    case malformed(Refusal)
    /// The present state forbids it (409): what is taken already (by which field), what hangs on the object, or the state it
    /// is in.
    case conflict(Refusal, field: String? = nil, blockedBy: [Blocker] = [], state: String? = nil)
    /// `If-Match` names another version (412).
    case preconditionFailed
    /// A body, a file or a quota is too large (413).
    case tooLarge(Refusal)
    /// The body is not of a kind this call reads (415).
    case unsupportedMediaType(Refusal)
    /// Too many attempts (429 with `Retry-After`).
    case throttled(retryAfterSeconds: Int)
    /// Too much work is waiting already; later it will work (503 with `Retry-After`).
    case unavailable
    /// The server has run out of something, or lacks a key; perhaps later it will work (503 with `Retry-After`).
    case lacking(Resource)

    /// What a server may run out of.
    public enum Resource: String, Sendable {
        /// Space for temporary files.
        case temporaryFiles = "temporary_files"
        /// Randomness for secrets.
        case randomness
        /// Memory for hashing a password.
        case memory
        /// A virus scanner that says whether a file is clean.
        case scanner
        /// The key that opens a stored secret.
        case secretKey = "secret_key"

        /// As part of a sentence.
        public var words: String {
            switch self {
            case .scanner: "virus scanner"
            case .secretKey: "key that opens a stored secret: give secretKeys all keys that were ever used"
            default: rawValue.replacing("_", with: " ")
            }
        }
    }

    /// What was found.
    /// - Throws: `notFound` for nil.
    static func orNotFound<Found>(_ found: Found?) throws -> Found {
        guard let found else { throw CaseworkError.notFound }
        return found
    }

    /// One problem with one field.
    public static func invalid(_ field: String, _ refusal: Refusal) -> CaseworkError {
        .invalid([FieldRefusal(field, refusal)])
    }

    /// One problem with one field, that has nothing to tell but its code.
    public static func invalid(_ field: String, _ code: Refusal.Code) -> CaseworkError {
        .invalid(field, Refusal(code))
    }
}
