import Dates
import FoundationEssentials
import Postgres

/// One thing somebody did.
public struct AuditEntry: Sendable {
    /// Its identifier; later ones are greater.
    public let id: Int
    /// When.
    public let at: Date
    /// The account that did it; nil for the operator and for whoever was not signed in.
    public let actorID: Int?
    /// The name of that account, while it exists.
    public let actorName: String?
    /// The API token it was done with.
    public let tokenID: Int?
    /// What was done: `cohort.update`.
    public let action: String
    /// What it was done to: `cohort/12`.
    public let subject: String
    /// What that is called, or was when it was there; nil where it has no name.
    public let subjectName: String?
    /// Who or what else it concerned, by name: the student who was added to a cohort.
    public let otherName: String?
    /// How that was before; no secret, hash or file content.
    public let before: JSONText?
    /// How it was afterwards.
    public let after: JSONText?
}

extension AuditEntry: RowDecodable {
    /// Reads the columns of `AuditRepository`.
    public init(row: Row) throws {
        id = try row.get("id")
        at = try row.get("at")
        actorID = try row.get("actor_id")
        actorName = try row.get("actor_name")
        tokenID = try row.get("token_id")
        action = try row.get("action")
        subject = try row.get("subject")
        subjectName = try row.get("subject_name")
        otherName = try row.get("other_name")
        before = try row.get("before")
        after = try row.get("after")
    }
}

extension AuditEntry: JSONEncodable {
    /// Writes the entry.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("at", at)
            $0.object("actor") {
                $0.field("id", actorID)
                $0.field("name", actorName)
            }
            $0.field("tokenId", tokenID)
            $0.field("action", action)
            $0.field("subject", subject)
            $0.field("subjectName", subjectName)
            $0.field("otherName", otherName)
            $0.field("before", before)
            $0.field("after", after)
        }
    }
}

/// Which entries are asked for.
public struct AuditFilter: Sendable {
    /// A point in time, or a whole day in the institution's time zone.
    public enum Bound: Sendable, Hashable {
        /// An instant.
        case instant(Date)
        /// A day.
        case day(CalendarDate)
    }

    /// Only what this account did.
    public var actorID: Int?
    /// Only what was done to this.
    public var subject: String?
    /// Only what people did whose name or address contains this, without regard to case.
    public var actorName: String?
    /// Only what was done to things whose name contains this, without regard to case, as far as they are still there.
    public var subjectName: String?
    /// Not before that, or before that day began.
    public var from: Bound?
    /// Not after that, or after that day ended.
    public var to: Bound?

    /// Everything.
    public init() {}

    /// Reads the parameters of the query string.
    public init(_ fields: inout Fields) {
        actorID = fields.optional("actorId", .id)
        subject = fields.optional("subject", .text(1...200))
        actorName = fields.optional("actor", .text(1...200))
        subjectName = fields.optional("about", .text(1...200))
        from = fields.optional("from", .bound)
        to = fields.optional("to", .bound)
    }
}

extension FieldRule where Value == AuditFilter.Bound {
    fileprivate static var bound: FieldRule {
        FieldRule(placeholder: .instant(Date(timeIntervalSince1970: 0))) { (text) throws(Refusal) in
            if let day = CalendarDate(text.trimmed) { return .day(day) }
            // A plus sign that nobody escaped arrives as a space.
            let text = text.trimmed.replacing(" ", with: "+")
            guard let instant = Instant.date(parsing: text) else {
                throw Refusal(.notADateOrInstant)
            }
            return .instant(instant)
        }
    }
}
