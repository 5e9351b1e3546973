import Dates
import FoundationEssentials

/// A mail about the way in: a link by which somebody chooses a password, or word that the password is another now.
public struct AccessLetter: Sendable {
    /// What it is about.
    public enum Matter: Sendable {
        /// A link for the first password, until that moment.
        case invitation(Secret, until: Date)
        /// A link for another password, until that moment.
        case reset(Secret, until: Date)
        /// The password was changed on that day.
        case passwordChanged(CalendarDate)
    }

    /// What it is about.
    public let matter: Matter
    /// The institution's name.
    public let institution: String
    /// IANA name of its time zone.
    public let timeZone: String
    /// To whom it goes.
    public let recipient: MailRecipient
}

/// What one mail is to say.
public enum Letter: Sendable {
    /// What is due.
    case reminder(ReminderLetter)
    /// A way in, or what became of it.
    case access(AccessLetter)

    /// To whom it goes.
    public var recipient: MailRecipient {
        switch self {
        case .reminder(let letter): letter.recipient
        case .access(let letter): letter.recipient
        }
    }

    /// The institution's name.
    public var institution: String {
        switch self {
        case .reminder(let letter): letter.institution
        case .access(let letter): letter.institution
        }
    }

    /// The milestones that it names.
    public var milestones: [Int] {
        if case .reminder(let letter) = self { letter.items.map(\.milestone) } else { [] }
    }
}
