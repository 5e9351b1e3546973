import Dates
import Postgres

/// What one person is to be reminded of on one day.
public struct ReminderLetter: Sendable {
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

    /// One milestone.
    public struct Item: Sendable {
        /// Number of the milestone.
        public let milestone: Int
        /// Its title.
        public let title: String
        /// The cohort's name.
        public let cohort: String
        /// When it is due for this person.
        public let dueOn: CalendarDate
    }

    /// The institution's name.
    public let institution: String
    /// To whom it goes.
    public let recipient: Recipient
    /// At least one, the next due first.
    public let items: [Item]
    /// The texts that are the institution's own.
    public let templates: [MailTemplate]
}

extension ReminderLetter {
    /// A letter for looking at a text: to somebody, about milestones that nobody has.
    public static func sample(
        to name: String, of institution: String, about items: [(title: String, cohort: String, dueOn: CalendarDate)],
        _ template: MailTemplate?
    ) -> ReminderLetter {
        ReminderLetter(
            institution: institution,
            recipient: Recipient(email: "", name: name, language: template?.language.rawValue, token: nil),
            items: items.enumerated().map { Item(milestone: $0, title: $1.title, cohort: $1.cohort, dueOn: $1.dueOn) },
            templates: [template].compactMap(\.self))
    }
}

extension ReminderLetter.Recipient: RowDecodable {
    /// Reads a row of `mail_recipients`.
    public init(row: Row) throws {
        email = try row.get("email")
        name = try row.get("name")
        language = try row.get("language")
        token = try row.get("token")
    }
}

extension ReminderLetter.Item: RowDecodable {
    /// Reads a row of `due_reminders`.
    public init(row: Row) throws {
        milestone = try row.get("milestone_id")
        title = try row.get("title")
        cohort = try row.get("cohort")
        dueOn = try row.get("due_on")
    }
}
