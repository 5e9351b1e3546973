import Postgres

/// How to reach somebody who is not a student, and what for.
public struct Card: Sendable, Equatable {
    /// What the person is: "Academic Advisor".
    public var title: String?
    /// The office's name.
    public var office: String?
    /// The address of mail by which students reach the person; not always the one signed in with.
    public var email: String?
    /// A telephone number, as people write it.
    public var phone: String?
    /// Where the office is.
    public var location: String?
    /// A few words about the person.
    public var biography: String?
    /// When the office is open.
    public var hours: String?
    /// Where meetings are booked; `https` only.
    public var bookingURL: String?
    /// Whether students and colleagues see it.
    public var isPublished: Bool

    /// Whether it tells some way to reach the person: by mail, by telephone or by a booking.
    public var isReachable: Bool { email != nil || phone != nil || bookingURL != nil }

    /// An empty, unpublished card: what somebody without one has.
    public init() { isPublished = false }
}

extension Card {
    /// The columns of a card, those of views over published ones too.
    static let columns: SQL = "title, office, email, phone, location, biography, hours, booking_url"

    /// Reads `columns`, which must stand in the row.
    init(row: Row, isPublished: Bool) throws {
        title = try row.get("title")
        office = try row.get("office")
        email = try row.get("email")
        phone = try row.get("phone")
        location = try row.get("location")
        biography = try row.get("biography")
        hours = try row.get("hours")
        bookingURL = try row.get("booking_url")
        self.isPublished = isPublished
    }

    /// The card of a row with `carded` and `columns`; nil where none is published.
    static func published(in row: Row) throws -> Card? {
        try row.get("carded") ? Card(row: row, isPublished: true) : nil
    }

    /// Reads a whole card: what is not sent is empty. One that tells no way to reach its person cannot be published.
    public init(_ fields: inout Fields) {
        title = fields.optional("title", .text(1...200))
        office = fields.optional("office", .text(1...200))
        email = fields.optional("email", .email)?.text
        phone = fields.optional("phone", .text(1...100))
        location = fields.optional("location", .text(1...200))
        biography = fields.optional("biography", .text(1...10_000, multiline: true))
        hours = fields.optional("hours", .text(1...1_000, multiline: true))
        bookingURL = fields.optional("bookingURL", .httpsURL)
        isPublished = fields.optional("published", .bool) ?? false
        let ways = ["email", "phone", "bookingURL"]
        if isPublished, !isReachable,
            !fields.problems.contains(where: { ways.contains($0.field) })
        {
            for way in ways { fields.refuse(way, .cardReachesNobody) }
        }
    }
}

extension Card: JSONEncodable {
    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("title", title)
            $0.field("office", office)
            $0.field("email", email)
            $0.field("phone", phone)
            $0.field("location", location)
            $0.field("biography", biography)
            $0.field("hours", hours)
            $0.field("bookingURL", bookingURL)
            $0.field("published", isPublished)
        }
    }
}

/// An account's card with its version, 0 as long as nobody has written one.
public struct AccountCard: Sendable, RowDecodable, JSONEncodable, Versioned {
    /// What the card says.
    public let card: Card
    /// The address the person signs in with; nil where the caller does not know it.
    public let accountEmail: String?
    /// The version of its row.
    public let version: Version

    /// Reads the card's columns, `published`, `version` and `account_email`; all null makes an empty card.
    public init(row: Row) throws {
        card = try Card(row: row, isPublished: try row.get("published", as: Bool?.self) ?? false)
        accountEmail = try row.get("account_email")
        version = Version(try row.get("version", as: Int?.self) ?? 0)
    }

    /// Writes the card alone, so that what was read can be sent back.
    public func write(to json: inout JSONWriter) { card.write(to: &json) }
}
