import Dates

/// What is odd about a milestone's dates. Nothing is refused for it: a registrar may enter what is past.
public enum DateCaution: Sendable, Hashable {
    /// Reminders, and no day to count back from.
    case remindersWithoutDueDate
    /// The due date is past.
    case dueInThePast
    /// The due date is to come, but the days of these reminders are past.
    case remindersInThePast([Int])
    /// It is due so soon after joining that the days of these reminders are before it.
    case remindersBeforeJoining([Int])

    /// - Parameters:
    ///   - dueOn: the day, where it is the same for all.
    ///   - dueAfterDays: the days after joining, where it is not.
    ///   - today: in the institution's time zone.
    public static func all(
        dueOn: CalendarDate?, dueAfterDays: Int?, reminders: [Int], today: CalendarDate
    ) -> [DateCaution] {
        guard let dueOn else {
            guard let dueAfterDays else { return reminders.isEmpty ? [] : [.remindersWithoutDueDate] }
            let early = reminders.filter { $0 > dueAfterDays }
            return early.isEmpty ? [] : [.remindersBeforeJoining(early)]
        }
        if dueOn < today { return [.dueInThePast] }
        let past = reminders.filter { dueOn.adding(days: -$0) < today }
        return past.isEmpty ? [] : [.remindersInThePast(past)]
    }
}

extension Milestone {
    /// What is odd about its dates today.
    public func cautions(today: CalendarDate) -> [DateCaution] {
        DateCaution.all(dueOn: dueOn, dueAfterDays: dueAfterDays, reminders: reminders, today: today)
    }
}
