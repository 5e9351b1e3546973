import Casework
import Dates
import Foundation

extension ProgressStatus {
    /// Its name.
    var text: ProgressText {
        switch self {
        case .open: .open
        case .submitted: .submitted
        case .returned: .returned
        case .completed: .completed
        case .waived: .waived
        }
    }

    /// Its colour.
    func tone(isOverdue: Bool) -> Tag.Tone {
        switch self {
        case .completed: .ok
        case .submitted: .info
        case .returned: isOverdue ? .late : .warn
        case .open: isOverdue ? .late : .plain
        case .waived: .plain
        }
    }
}

extension CalendarDate {
    /// Whether it is today or within the days that pages call soon.
    func isSoon(_ today: CalendarDate) -> Bool {
        (0...ProgressFilter.soon).contains(daysSince1970 - today.daysSince1970)
    }
}

extension Catalogue {
    /// When something is due.
    func dueTag(_ date: CalendarDate?, today: CalendarDate) -> Tag {
        guard let date else { return Tag(text: self[DashboardText.noDue]) }
        let days = today.daysSince1970 - date.daysSince1970
        if days > 0 { return Tag(text: self[DashboardText.overdue, n: days], tone: .late) }
        let text = days > -14 ? relative(date, today: today) : shortDate(date, today: today)
        return Tag(text: text, tone: date.isSoon(today) ? .warn : .plain)
    }

    /// How long ago something was sent.
    func age(of moment: Date, now: Date) -> String {
        let days = Int(now.timeIntervalSince(moment) / 86_400)
        return days <= 0 ? self[ShellText.today] : self[ShellText.daysAgo, n: days]
    }
}

/// How many of a student's milestones are completed, of those that are not waived; nothing where there are none.
func progressMeter(of milestones: [ProgressEntry], _ words: Catalogue) -> HTML {
    let counted = milestones.filter { $0.status != .waived }
    if counted.isEmpty { return HTML() }
    let done = counted.count { $0.status == .completed }
    return meter(
        percent: done * 100 / counted.count,
        words[ProgressText.doneOf, ["done": "\(done)", "total": "\(counted.count)"]])
}
