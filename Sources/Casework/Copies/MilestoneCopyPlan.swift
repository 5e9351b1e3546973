import Dates
import Postgres

/// How far the dates of copied milestones move. Days after joining stay what they are.
public enum DateShift: Sendable, Hashable {
    /// By so many days; negative: earlier.
    case days(Int)
    /// So far that the earliest is due on that day.
    case firstDay(CalendarDate)

    /// Reads `shiftDays` or `firstDay`; without them dates stay as they are.
    init(_ fields: inout Fields) {
        let days = fields.optional("shiftDays", .int(-3650...3650))
        let firstDay = fields.optional("firstDay", .date)
        if days != nil, firstDay != nil { fields.refuse("firstDay", .twoShifts) }
        self = firstDay.map { .firstDay($0) } ?? .days(days ?? 0)
    }

    /// The field that says it.
    fileprivate var field: String {
        switch self {
        case .days: "shiftDays"
        case .firstDay: "firstDay"
        }
    }
}

/// What is to be copied from another cohort.
public struct MilestoneCopyDraft: Sendable {
    /// The cohort to copy from.
    public var cohort: Int
    /// Which of its milestones; nil: all that students see.
    public var milestoneIDs: [Int]?
    /// How far their dates move.
    public var shift: DateShift
    /// Whether they stay the same milestones: written once, done once. Admins alone may ask for that.
    public var isShared = false

    /// All of a cohort's milestones.
    public init(from cohort: Int, shift: DateShift = .days(0)) {
        (self.cohort, self.shift) = (cohort, shift)
    }

    /// Reads `fromCohortId`, `milestoneIds`, `shared`, and `shiftDays` or `firstDay`.
    public init(_ fields: inout Fields) {
        cohort = fields.required("fromCohortId", .id)
        milestoneIDs = fields.has("milestoneIds") ? fields.patch("milestoneIds", .ids) : nil
        shift = DateShift(&fields)
        isShared = fields.value("shared", .bool, default: false)
    }
}

/// A milestone that can be copied, with how many files it has.
public struct OfferedMilestone: Sendable {
    /// The milestone.
    public let milestone: Milestone
    /// How many files come with it.
    public let files: Int
}

extension OfferedMilestone: RowDecodable {
    /// Reads a milestone and `files`.
    public init(row: Row) throws {
        milestone = try Milestone(row: row)
        files = try row.get("files")
    }
}

/// The milestones of a cohort that can be copied: those that its students see, in their order.
public struct MilestoneOffer: Sendable {
    /// The cohort.
    public let cohort: Int
    /// Its milestones.
    public let milestones: [OfferedMilestone]
    /// In the institution's time zone.
    public let today: CalendarDate

    /// What becomes of those that were chosen.
    /// - Throws: `CaseworkError.invalid` where an unknown one is chosen, where no chosen one has a date to move to `firstDay`, or
    ///   where a date would leave the calendar.
    public func plan(_ draft: MilestoneCopyDraft) throws(CaseworkError) -> MilestoneCopyPlan {
        let chosen = draft.milestoneIDs.map(Set.init)
        let originals = milestones.filter { chosen?.contains($0.milestone.id) ?? true }
        guard chosen == nil || chosen?.count == originals.count else {
            throw .invalid("milestoneIds", .unknownMilestone)
        }
        let days = try days(draft.shift, originals)
        var lines: [MilestoneCopyPlan.Line] = []
        for original in originals {
            let due = original.milestone.dueOn
            let moved = due.flatMap { CalendarDate(daysSince1970: $0.daysSince1970 + days) }
            guard due == nil || moved != nil else { throw .invalid(draft.shift.field, .dateBeyondCalendar) }
            lines.append(.init(original: original.milestone, files: original.files, dueOn: moved, today: today))
        }
        return MilestoneCopyPlan(cohort: cohort, days: days, lines: lines)
    }

    private func days(_ shift: DateShift, _ originals: [OfferedMilestone]) throws(CaseworkError) -> Int {
        switch shift {
        case .days(let days): return days
        case .firstDay(let day):
            guard let earliest = originals.compactMap(\.milestone.dueOn).min() else {
                throw .invalid("firstDay", .noDatesToMove)
            }
            return day.daysSince1970 - earliest.daysSince1970
        }
    }
}

/// What a copy makes, or has made: each milestone with its date.
public struct MilestoneCopyPlan: Sendable, Versioned {
    /// A milestone and its copy.
    public struct Line: Sendable {
        /// What is copied.
        public let original: Milestone
        /// How many files come with it.
        public let files: Int
        /// When the copy is due; nil where it has no fixed date.
        public let dueOn: CalendarDate?
        /// What is odd about the copy's dates today.
        public let cautions: [DateCaution]
        /// The copy; nil as long as there is none.
        public internal(set) var copyID: Int?

        init(original: Milestone, files: Int, dueOn: CalendarDate?, today: CalendarDate) {
            (self.original, self.files, self.dueOn) = (original, files, dueOn)
            cautions = DateCaution.all(
                dueOn: dueOn, dueAfterDays: original.dueAfterDays, reminders: original.reminders, today: today)
        }

        /// Whether the copy is due on a Saturday or Sunday.
        public var isOnWeekend: Bool { dueOn?.isWeekend ?? false }
        /// Whether the copy is due on a day that is past.
        public var isPast: Bool { cautions.contains(.dueInThePast) }
    }

    /// The cohort that is copied from.
    public let cohort: Int
    /// By how many days the dates move.
    public let days: Int
    /// In the order in which they are made.
    public internal(set) var lines: [Line]

    /// Grows with each change of a milestone that is copied.
    public var version: Version { Version(lines.reduce(0) { $0 + $1.original.version.number }) }
}

extension MilestoneCopyPlan {
    /// Writes the members that a copy and a roll-over share.
    func writeMembers(to json: inout JSONWriter) {
        json.field("fromCohortId", cohort)
        json.field("shiftDays", days)
        json.array("milestones", lines) { json, line in
            json.object {
                $0.field("milestoneId", line.original.id)
                $0.field("copyId", line.copyID)
                $0.field("title", line.original.title)
                $0.field("dueOn", line.dueOn)
                $0.field("dueAfterDays", line.original.dueAfterDays)
                $0.field("weekend", line.isOnWeekend)
                $0.field("past", line.isPast)
                $0.field("reminders", line.original.reminders)
                $0.field("files", line.files)
            }
        }
    }
}

extension MilestoneCopyPlan: JSONEncodable {
    /// Writes the report of the API.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("dryRun", lines.allSatisfy { $0.copyID == nil })
            writeMembers(to: &$0)
        }
    }
}
