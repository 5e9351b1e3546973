import Dates
import Postgres

/// What one person is told by one mail.
public struct Letter: Sendable {
    /// To whom it goes.
    public struct Recipient: Sendable {
        /// E-mail address.
        public let email: String
        /// What the person is called.
        public let name: String
        /// The language the person chose for mail, else the institution's, BCP 47; nil: none.
        public let language: String?
        /// By it the person may unsubscribe without signing in; nil where none was made.
        public let token: String?
    }

    /// A milestone that is due soon.
    public struct Reminder: Sendable {
        /// Number of the milestone.
        public let milestone: Int
        /// Its title.
        public let title: String
        /// The cohort's name.
        public let cohort: String
        /// When it is due for this person.
        public let dueOn: CalendarDate
    }

    /// What waits for an answer.
    public struct Request: Sendable {
        /// Whether a later date is asked for; else it is work that was sent.
        public let isExtension: Bool
        /// What the student is called.
        public let student: String
        /// The milestone's title.
        public let title: String
        /// The cohort's name.
        public let cohort: String
    }

    /// What it names, of one kind, at least one.
    public enum Contents: Sendable {
        /// The next due first.
        case reminders([Reminder])
        /// What waits the longest first.
        case requests([Request])
    }

    /// The institution's name.
    public let institution: String
    /// To whom it goes.
    public let recipient: Recipient
    /// What it names.
    public let contents: Contents
    /// The texts of its kind that are the institution's own.
    public let templates: [MailTemplate]

    /// The milestones that it reminds of.
    public var milestones: [Int] {
        switch contents {
        case .reminders(let items): items.map(\.milestone)
        case .requests: []
        }
    }
}

extension Letter {
    /// A letter for looking at a text: to somebody, about what nobody has.
    public static func sample(
        to name: String, of institution: String, _ contents: Contents, _ template: MailTemplate?
    ) -> Letter {
        Letter(
            institution: institution,
            recipient: Recipient(email: "", name: name, language: template?.language.rawValue, token: nil),
            contents: contents, templates: [template].compactMap(\.self))
    }
}

extension Letter.Reminder {
    /// A milestone that nobody has.
    public init(sample title: String, cohort: String, dueOn: CalendarDate) {
        (milestone, self.title, self.cohort, self.dueOn) = (0, title, cohort, dueOn)
    }
}

extension Letter.Request {
    /// A request that nobody made.
    public init(sample title: String, student: String, cohort: String, isExtension: Bool) {
        (self.isExtension, self.student, self.title, self.cohort) = (isExtension, student, title, cohort)
    }
}

extension Letter.Recipient: RowDecodable {
    /// Reads a row of `mail_recipients`.
    public init(row: Row) throws {
        email = try row.get("email")
        name = try row.get("name")
        language = try row.get("language")
        token = try row.get("token")
    }
}

extension Letter.Reminder: RowDecodable {
    /// Reads a row of `due_reminders`.
    public init(row: Row) throws {
        milestone = try row.get("milestone_id")
        title = try row.get("title")
        cohort = try row.get("cohort")
        dueOn = try row.get("due_on")
    }
}

extension Letter.Request: RowDecodable {
    /// Reads a row of `due_requests`.
    public init(row: Row) throws {
        isExtension = try row.get("kind") == "extension-request"
        student = try row.get("student")
        title = try row.get("title")
        cohort = try row.get("cohort")
    }
}
