import Postgres
import Tenancy

/// A file of a milestone, for students to use, or one that a student has sent. Its content lies in pieces beside it.
public struct StoredFile: Sendable, Hashable, Versioned {
    /// How large a file may be, in bytes: 25 MiB.
    public static let limit = 25 << 20
    /// How many files a milestone may have.
    public static let mostOfMilestone = 50
    /// How many files a student may send with a milestone: as many as a form brings.
    public static let mostOfSubmission = 10
    /// How large a piece is that is stored and sent at once, in bytes.
    public static let pieceSize = 256 << 10

    /// Its identifier.
    public let id: Int
    /// Its name, without any path.
    public let name: String
    /// Its media type: what its content shows, else what the uploader said.
    public let contentType: String
    /// Its size in bytes.
    public let size: Int
    /// The SHA-256 of its content, 32 bytes; nil for one that came before checksums were taken.
    public let checksum: [UInt8]?
    /// Counts the changes.
    public let version: Version
}

extension StoredFile: RowDecodable {
    /// Reads `id`, `name`, `content_type`, `size`, `checksum` and `version`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        contentType = try row.get("content_type")
        size = try row.get("size")
        checksum = try row.get("checksum")
        version = Version(try row.get("version"))
    }
}

extension StoredFile: JSONEncodable {
    /// Writes the resource of the API.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("contentType", contentType)
            $0.field("size", size)
            $0.field("sha256", checksum.map(Digest.hex))
        }
    }
}

/// A name for a file that does no harm on anybody's disk or screen.
public struct FileName: Sendable, Hashable {
    /// The name: 1 to 255 characters.
    public let text: String

    /// Makes a name out of what a browser sent: the part behind the last slash or backslash, without control characters and
    /// without those that turn the direction of writing: they can make `exe.txt` look like `txt.exe`.
    /// - Throws: `Refusal` where nothing is left, or too much.
    public init(_ raw: String) throws(Refusal) {
        guard !raw.utf8.contains(0) else { throw Refusal(.nulCharacter) }
        let last = raw.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }.last ?? ""
        var kept = String.UnicodeScalarView()
        for scalar in last.unicodeScalars where !Self.isHarmful(scalar) { kept.append(scalar) }
        let name = String(kept).trimmed
        guard name.unicodeScalars.contains(where: { $0 != "." && !$0.properties.isDefaultIgnorableCodePoint }) else {
            throw Refusal(.fileNameMissing)
        }
        guard name.unicodeScalars.count <= 255, name.utf8.count <= 1_000 else {
            throw .beyond(.fileNameTooLong, most: 255)
        }
        text = name
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
        case .format: scalar.value != 0x200C && scalar.value != 0x200D
        default: false
        }
    }
}
