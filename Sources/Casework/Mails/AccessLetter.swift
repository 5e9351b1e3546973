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
        /// Since that day codes are asked for, or not any more.
        case codes(isOn: Bool, CalendarDate)
    }

    /// What it is about.
    public let matter: Matter
    /// The institution's name.
    public let institution: String
    /// IANA name of its time zone.
    public let timeZone: String
    /// To whom it goes.
    public let recipient: Letter.Recipient
}

/// What one mail is to say.
public enum Outgoing: Sendable {
    /// A list of what is due, or waits.
    case list(Letter)
    /// A way in, or what became of it.
    case access(AccessLetter)
    /// A report.
    case report(ReportLetter)

    /// To whom it goes.
    public var recipient: Letter.Recipient {
        switch self {
        case .list(let letter): letter.recipient
        case .access(let letter): letter.recipient
        case .report(let letter): letter.recipient
        }
    }

    /// The institution's name.
    public var institution: String {
        switch self {
        case .list(let letter): letter.institution
        case .access(let letter): letter.institution
        case .report(let letter): letter.institution
        }
    }

    /// The milestones that it reminds of.
    public var milestones: [Int] {
        if case .list(let letter) = self { letter.milestones } else { [] }
    }
}
