import Dates

/// What is odd about a milestone's dates. Nothing is refused for it: a registrar may enter what is past.
public enum DateCaution: Sendable, Hashable {
    /// Reminders, and no day to count back from.
    case remindersWithoutDueDate
    /// The due date is past.
    case dueInThePast
    /// The due date is to come, but the days of these reminders are past.
    case remindersInThePast([Int])

    /// - Parameters:
    ///   - hasDueDate: whether it is due on some day, also where that counts from joining.
    ///   - dueOn: the day, where it is the same for all.
    ///   - today: in the institution's time zone.
    public static func all(
        dueOn: CalendarDate?, hasDueDate: Bool, reminders: [Int], today: CalendarDate
    ) -> [DateCaution] {
        guard hasDueDate else { return reminders.isEmpty ? [] : [.remindersWithoutDueDate] }
        guard let dueOn else { return [] }
        if dueOn < today { return [.dueInThePast] }
        let past = reminders.filter { dueOn.adding(days: -$0) < today }
        return past.isEmpty ? [] : [.remindersInThePast(past)]
    }
}

extension Milestone {
    /// What is odd about its dates today.
    public func cautions(today: CalendarDate) -> [DateCaution] {
        DateCaution.all(
            dueOn: dueOn, hasDueDate: dueOn != nil || dueAfterDays != nil, reminders: reminders, today: today)
    }
}
