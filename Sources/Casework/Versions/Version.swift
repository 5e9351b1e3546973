import Postgres

/// The version of one row, which every write raises by one; a strong entity tag over HTTP.
public struct Version: Sendable, Hashable {
    /// The row's `version` column.
    public let number: Int

    /// The version with that number.
    public init(_ number: Int) { self.number = number }

    /// As the header `ETag` carries it: `"3"`.
    public var entityTag: String { "\"\(number)\"" }
}

/// What a caller's `If-Match` demands of the row it is about to change (RFC 9110, 13.1.1).
public enum IfMatch: Sendable, Hashable {
    /// No header, or `*`: any version that exists will do.
    case any
    /// One of these; none at all where the header holds only weak or unreadable tags, which never match.
    case versions(Set<Int>)

    /// Reads the header's value; several header lines are joined with a comma first.
    public init(header: String?) {
        guard let header, header.trimmed != "*" else {
            self = .any
            return
        }
        var versions: Set<Int> = []
        var rest = header.utf8[...]
        while let opening = rest.firstIndex(of: UInt8(ascii: "\"")) {
            let isWeak = Substring(rest[..<opening]).hasSuffix("W/")
            rest = rest[rest.index(after: opening)...]
            guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { break }
            let tag = Substring(rest[..<end])
            if !isWeak, let number = Int(tag), String(number) == tag { versions.insert(number) }
            rest = rest[rest.index(after: end)...]
        }
        self = .versions(versions)
    }

    /// Whether that version may be changed.
    public func allows(_ version: Version) -> Bool {
        switch self {
        case .any: true
        case .versions(let numbers): numbers.contains(version.number)
        }
    }

    /// Throws `CaseworkError.preconditionFailed` where that version may not be changed.
    public func check(_ version: Version) throws(CaseworkError) {
        if !allows(version) { throw .preconditionFailed }
    }
}

/// A value whose row counts its changes: answers carry its `ETag`.
public protocol Versioned {
    /// The version of the object's own row.
    var version: Version { get }
}

extension IfMatch {
    /// The condition that a row's version is one the caller accepts.
    func accepts(_ version: SQL) -> SQL {
        switch self {
        case .any: "true"
        case .versions(let numbers): "\(version) = any (\(numbers.sorted())::bigint[])"
        }
    }
}
