import Casework

/// A person's calendar as calendar programs read it.
struct CalendarFile {
    let calendar: CalendarRepository.Calendar
    /// Scheme, host and port of the institution.
    let origin: String
    /// Makes an event's name one of this deployment and institution, whatever the latter is called.
    let realm: String
    let words: Catalogue

    var file: ICalendar {
        ICalendar(
            name: words[CalendarText.name, ["institution": calendar.institution]], events: calendar.events.map(event))
    }

    private func event(_ event: CalendarEvent) -> ICalendar.Event {
        let url = address(of: event)
        return ICalendar.Event(
            uid: "\(name(of: event))@\(realm)", day: event.dueOn, summary: summary(of: event),
            description: (lines(of: event) + [url]).joined(separator: "\n"), url: url, category: event.cohort,
            sequence: event.sequence)
    }

    /// A student has a milestone once, whenever it is due; to staff it is another event on each day on which somebody has it.
    private func name(of event: CalendarEvent) -> String {
        switch event.detail {
        case .students where !event.isFixed: "milestone-\(event.milestoneID)-\(event.dueOn)"
        default: "milestone-\(event.milestoneID)"
        }
    }

    private func summary(of event: CalendarEvent) -> String {
        switch event.detail {
        case .own(.completed, _): words[CalendarText.done, ["title": event.title]]
        case .own(.submitted, _): words[CalendarText.sent, ["title": event.title]]
        case .own: event.title
        case .students(let toDo, let all):
            words[CalendarText.toDo, ["title": event.title, "left": words.number(toDo), "all": words.number(all)]]
        }
    }

    private func lines(of event: CalendarEvent) -> [String] {
        switch event.detail {
        case .own(_, let description): [event.cohort, description].compactMap(\.self)
        case .students: [event.cohort]
        }
    }

    private func address(of event: CalendarEvent) -> String {
        switch event.detail {
        case .own: "\(origin)/dashboard"
        case .students: "\(origin)/cohorts/\(event.cohortID)/progress"
        }
    }
}
