import Casework
import Dates

/// The ticked reminders of a milestone: when each goes out, afterwards to how many it went; and how many have a later date.
struct ReminderList {
    let reminders: MilestoneReminders
    let today: CalendarDate
    let words: Catalogue

    static let texts: [Int: CohortText] = [
        1: .reminder1, 2: .reminder2, 7: .reminder7, 14: .reminder14, 30: .reminder30,
    ]

    /// How long before the due date, in words.
    static func text(_ days: Int, _ words: Catalogue) -> String { texts[days].map { words[$0] } ?? "\(days)" }

    @HTMLBuilder var html: HTML {
        if !reminders.planned.isEmpty || reminders.others + reminders.extensions + reminders.requests > 0 {
            h3 { words[CohortText.remindersHeading] }
            ul(.class("rows")) {
                for reminder in reminders.planned {
                    li(.class("row spread")) {
                        span { words[CohortText.reminderBefore, ["time": Self.text(reminder.daysBefore, words)]] }
                        span(.class("small")) { fate(of: reminder) }
                    }
                }
                if reminders.others > 0 { li { words[CohortText.remindersOthers, n: reminders.others] } }
                if reminders.extensions > 0 { li { words[CohortText.extensions, n: reminders.extensions] } }
                if reminders.requests > 0 {
                    li { a(.href("/extensions")) { words[CohortText.extensionRequests, n: reminders.requests] } }
                }
            }
        }
    }

    private func fate(of reminder: MilestoneReminders.Planned) -> String {
        guard let day = reminder.day else { return words[CohortText.reminderOwnDay] }
        let date = ["date": words.shortDate(day, today: today)]
        if reminder.students > 0 { return words[CohortText.reminderWent, date, n: reminder.students] }
        return words[day < today ? CohortText.reminderWentToNobody : .reminderGoes, date]
    }
}
