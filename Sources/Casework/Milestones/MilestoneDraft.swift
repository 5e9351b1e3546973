import Dates
import Postgres

/// A milestone about to be made.
public struct MilestoneDraft: Sendable {
    /// One line; nil for `New Milestone`.
    public var title: String?
    /// The day it is due.
    public var dueOn: CalendarDate?
    /// Days after joining at which it is due, instead of a day.
    public var dueAfterDays: Int?
    /// What to do.
    public var description: String?
    /// Days before the due date.
    public var reminders: [Int] = []
    /// Who completes it.
    public var completion = Completion.staff
    /// Whether students see it at once.
    public var saved = false

    /// The entry that the button of the milestones tab makes: untitled and not saved.
    public init() {}

    /// Reads a draft. With a title it is saved at once; without any field it is the entry of the button.
    public init(_ fields: inout Fields) {
        title = fields.optional("title", .milestoneTitle)
        dueOn = fields.optional("dueOn", .date)
        dueAfterDays = fields.optional("dueAfterDays", .dueAfterDays)
        description = fields.optional("description", .milestoneDescription)
        reminders = fields.value("reminders", .ints(from: Milestone.reminderDays), default: [])
        completion = fields.value("completion", .choice(), default: .staff)
        let given = ["title", "dueOn", "dueAfterDays", "description", "reminders", "completion"].contains(
            where: fields.has)
        saved = fields.value("saved", .bool, default: given)
        if given, saved, title == nil, !fields.problems.contains(where: { $0.field == "title" }) {
            fields.refuse("title", fields.has("title") ? .empty : .required)
        }
        fields.checkDue(dueOn, dueAfterDays)
    }
}

/// What a change says about a milestone. Any change saves it, also one that says nothing.
public struct MilestonePatch: Sendable {
    /// The new title; nil leaves it.
    public var title: String?
    /// The due day. A day takes the place of a number of days.
    public var dueOn = Patch<CalendarDate>.absent
    /// The days after joining. A number takes the place of a day.
    public var dueAfterDays = Patch<Int>.absent
    /// What to do.
    public var description = Patch<String>.absent
    /// Days before the due date; nil leaves them.
    public var reminders: [Int]?
    /// Who completes it; nil leaves it.
    public var completion: Completion?
    /// True retires, false makes it usable again; nil leaves it.
    public var isArchived: Bool?

    /// A change that only saves.
    public init() {}

    /// Reads a change.
    public init(_ fields: inout Fields) {
        title = fields.patch("title", .milestoneTitle)
        dueOn = fields.patchOptional("dueOn", .date)
        dueAfterDays = fields.patchOptional("dueAfterDays", .dueAfterDays)
        description = fields.patchOptional("description", .milestoneDescription)
        isArchived = fields.has("archived") ? fields.patch("archived", .bool) : nil
        // the form that retires has no boxes, which is not the same as none ticked
        if isArchived == nil || fields.has("reminders") {
            reminders = fields.patch("reminders", .ints(from: Milestone.reminderDays))
        }
        completion = fields.patch("completion", .choice())
        if fields.has("saved"), fields.patch("saved", .bool) == false {
            fields.refuse("saved", .alreadySaved)
        }
        fields.checkDue(dueOn.value, dueAfterDays.value)
    }
}

extension Fields {
    fileprivate mutating func checkDue(_ day: CalendarDate?, _ days: Int?) {
        if day != nil, days != nil { refuse("dueAfterDays", .twoDueDates) }
    }
}

extension FieldRule where Value == String {
    fileprivate static var milestoneTitle: FieldRule { .text(1...200) }
    fileprivate static var milestoneDescription: FieldRule { .text(1...20_000, multiline: true) }
}

extension FieldRule where Value == Int {
    fileprivate static var dueAfterDays: FieldRule { .int(0...3650) }
}
