import Dates
import Postgres

/// What one person is to be reminded of on one day.
public struct ReminderLetter: Sendable {
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
    public let recipient: MailRecipient
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
            recipient: MailRecipient(email: "", name: name, language: template?.language.rawValue, token: nil),
            items: items.enumerated().map { Item(milestone: $0, title: $1.title, cohort: $1.cohort, dueOn: $1.dueOn) },
            templates: [template].compactMap(\.self))
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
