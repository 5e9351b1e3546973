import Postgres
import Tenancy

/// What everybody sees of how an institution looks, before sign-in too: color and logo.
public struct Branding: Sendable, RowDecodable {
    /// Nil for Waymark's.
    public let color: BrandColor?
    /// Where the logo is served; nil without one.
    public let logo: String?

    /// Bytes that a logo may have.
    public static let logoLimit = 131_072

    /// The logo's name: it changes with the content, so that browsers may keep it.
    static let logoName: SQL = "left(encode(sha256(logo), 'hex'), 16) as logo_name"

    static func address(ofLogo name: String) -> String { "/logo/\(name)" }

    /// Reads `color` and `logoName`.
    public init(row: Row) throws {
        color = try row.get("color", as: String?.self).flatMap(BrandColor.init)
        logo = try row.get("logo_name", as: String?.self).map(Self.address)
    }

    /// Color and logo, for the gate.
    public static var find: Reading<Branding> {
        Reading(("select color, \(logoName) from settings" as SQL).one(Branding.self))
    }

    /// The logo of that name, for the gate; nil where it is another by now.
    public static func logo(named name: String) -> Reading<[UInt8]?> {
        Reading(
            ("select logo from settings where left(encode(sha256(logo), 'hex'), 16) = \(name)" as SQL)
                .optionalValue([UInt8].self))
    }

    /// The media type of a picture, by how it begins; nil for what is no PNG, JPEG or WebP. (An SVG could carry a script.)
    public static func mediaType(of picture: [UInt8]) -> String? {
        if picture.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return "image/png" }
        if picture.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if picture.starts(with: "RIFF".utf8), picture.dropFirst(8).starts(with: "WEBP".utf8) { return "image/webp" }
        return nil
    }

    /// The picture, if it may be a logo.
    /// - Throws: `CaseworkError.invalid`, which names the field `logo`.
    public static func checked(_ picture: [UInt8]) throws(CaseworkError) -> [UInt8] {
        guard picture.count <= logoLimit else {
            throw .invalid("logo", .beyond(.tooManyBytes, most: logoLimit))
        }
        guard mediaType(of: picture) != nil else { throw .invalid("logo", Refusal(.notAPicture)) }
        return picture
    }
}
