import FoundationEssentials
import Postgres

/// One thing that somebody is to know: what it is, when it came, and whether it has been read.
public struct InboxEntry: Sendable {
    /// What an entry is about.
    public enum Kind: String, Sendable, CaseIterable, JSONEncodable {
        /// A request that the reader may answer; it goes when it is answered.
        case request
        /// A student's wish for a later date that the reader may answer; it goes when it is answered.
        case extensionRequest = "extension-request"
        /// What became of the reader's own wish for a later date, or a date given unasked.
        case `extension`
        /// Requests of a cohort in which nobody is left to answer; they go when somebody is.
        case unanswered
        /// Mail that could not be sent; it goes when it is sent, or given up.
        case mail
        /// What somebody did with the reader's own milestone.
        case answer
        /// A group that supports a cohort of the reader's, or no longer does; or the reader's own membership.
        case support
    }

    /// What happened, of an answer and of support.
    public enum Event: String, Sendable, JSONEncodable {
        case completed, returned, waived, reopened, granted, declined, revoked
        case groupAttached = "group-attached"
        case groupDetached = "group-detached"
        case joinedGroup = "joined-group"
        case leftGroup = "left-group"

        /// - Parameter word: the state that an answer led to, or the action of the audit.
        fileprivate init?(word: String) {
            switch word {
            case "open": self = .reopened
            case "attachment.create": self = .groupAttached
            case "attachment.delete": self = .groupDetached
            case "membership.create": self = .joinedGroup
            case "membership.delete": self = .leftGroup
            default: self.init(rawValue: word)
            }
        }
    }

    /// Its name: a request that is sent again has another.
    public let id: String
    /// What it is about.
    public let kind: Kind
    /// When it came, to the millisecond.
    public let at: Date
    /// Whether it has not been marked as read.
    public let isUnread: Bool
    /// What happened; nil of what waits.
    public let event: Event?
    /// Who did it, where the reader may know.
    public let person: String?
    /// The cohort; nil where it is about none.
    public let cohort: (id: Int, name: String)?
    /// Whether the reader sees more of the cohort than its name.
    public let isInScope: Bool
    /// The milestone; nil where it is about none.
    public let milestone: (id: Int, title: String)?
    /// Whose milestone it is.
    public let studentID: Int?
    /// The group's name; nil where it is about none.
    public let group: String?
    /// What was said.
    public let comment: String?
    /// How many things it stands for.
    public let number: Int
}

extension InboxEntry: RowDecodable {
    /// Reads the columns of `InboxRepository`.
    public init(row: Row) throws {
        id = try row.get("entry")
        let name: String = try row.get("kind")
        guard let kind = Kind(rawValue: name) else { throw CaseworkError.notFound }
        self.kind = kind
        at = try row.get("at")
        isUnread = try row.get("unread")
        let word: String? = try row.get("word")
        event = word.flatMap { Event(word: $0) }
        isInScope = kind != .unanswered || word == "in-scope"
        person = try row.get("person")
        let cohortName: String? = try row.get("cohort")
        cohort = try (row.get("cohort_id") as Int?).flatMap { id in cohortName.map { (id, $0) } }
        let title: String? = try row.get("title")
        milestone = try (row.get("milestone_id") as Int?).flatMap { id in title.map { (id, $0) } }
        studentID = try row.get("student_id")
        group = try row.get("group_name")
        comment = try row.get("comment")
        number = try row.get("number")
    }
}

extension InboxEntry: JSONEncodable {
    /// Writes the resource of the API.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("kind", kind)
            $0.field("at", at)
            $0.field("unread", isUnread)
            $0.field("event", event)
            $0.field("person", person)
            $0.field("cohortId", cohort?.id)
            $0.field("cohort", cohort?.name)
            $0.field("milestoneId", milestone?.id)
            $0.field("milestone", milestone?.title)
            $0.field("studentId", studentID)
            $0.field("group", group)
            $0.field("comment", comment)
            $0.field("number", number)
        }
    }
}
