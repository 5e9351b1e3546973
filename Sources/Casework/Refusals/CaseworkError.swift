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
    case invalid([FieldProblem])
    /// Not JSON, or not UTF-8 (400).
    case malformed(detail: String)
    /// The present state forbids it (409): what hangs on the object, or the state it is in.
    case conflict(detail: String, blockedBy: [String] = [], state: String? = nil)
    /// `If-Match` names another version (412).
    case preconditionFailed
    /// A body, a file or a quota is too large (413).
    case tooLarge(detail: String)
    /// The body is not of a kind this call reads (415).
    case unsupportedMediaType(detail: String)
    /// Too many attempts (429 with `Retry-After`).
    case throttled(retryAfterSeconds: Int)
    /// Too much work is waiting already; later it will work (503 with `Retry-After`).
    case unavailable
    /// The server has run out of something; perhaps later it will work (503 with `Retry-After`).
    case lacking(Resource)

    /// What a server may run out of.
    public enum Resource: String, Sendable {
        /// Space for temporary files.
        case temporaryFiles = "temporary_files"
        /// Randomness for secrets.
        case randomness
        /// Memory for hashing a password.
        case memory

        /// As part of a sentence.
        public var words: String { rawValue.replacing("_", with: " ") }
    }

    /// What was found.
    /// - Throws: `notFound` for nil.
    static func orNotFound<Found>(_ found: Found?) throws -> Found {
        guard let found else { throw CaseworkError.notFound }
        return found
    }

    /// One problem with one field.
    public static func invalid(_ field: String, _ detail: String) -> CaseworkError {
        .invalid([FieldProblem(field: field, detail: detail)])
    }
}

/// One thing wrong with one named field; `detail` is a sentence fragment for people, such as "must not be empty".
public struct FieldProblem: Codable, Hashable, Sendable {
    /// The name as the caller sent it; of a name longer than any of ours, the beginning.
    public let field: String
    /// What is wrong with it; never the value itself.
    public let detail: String

    /// A problem with the field of that name.
    public init(field: String, detail: String) {
        self.field = field.utf8.count > 100 ? String(field.unicodeScalars.prefix(100)) : field
        self.detail = detail
    }
}

/// Why one value was refused, before anybody knows which field it came from.
public struct Refusal: Error, Hashable, Sendable {
    /// A sentence fragment that continues the field's name: "must be a date such as 2026-12-01".
    public let detail: String

    /// A refusal with this reason.
    public init(_ detail: String) { self.detail = detail }
}
