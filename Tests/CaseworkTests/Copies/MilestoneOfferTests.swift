import Dates
import Postgres
import Testing

@testable import Casework

@Suite struct MilestoneOfferTests {
    /// Milestones due on these days, numbered from 1.
    private func offer(_ days: [String?], after: Int? = nil) throws -> MilestoneOffer {
        try MilestoneOffer(
            cohort: 7,
            milestones: days.enumerated().map { index, day in
                OfferedMilestone(
                    milestone: Milestone(
                        id: index + 1, cohortID: 7, title: "M\(index)", dueOn: try day.map(Self.day),
                        dueAfterDays: day == nil ? after : nil, description: nil, reminders: [1, 30],
                        completion: .staff,
                        saved: true, isArchived: false, sharedID: nil, version: Version(index + 10)), files: 0)
            }, today: try Self.day("2026-11-29"))
    }

    private static func day(_ text: String) throws -> CalendarDate { try #require(CalendarDate(text)) }

    private func due(_ plan: MilestoneCopyPlan) -> [String?] { plan.lines.map { $0.dueOn?.description } }

    @Test func `dates move by days over leap days and the ends of years; days after joining stay`() throws {
        let offer = try offer(["2027-02-28", "2027-12-31", nil], after: 14)
        let plan = try offer.plan(MilestoneCopyDraft(from: 7, shift: .days(366)))
        #expect(due(plan) == ["2028-02-29", "2028-12-31", nil])
        #expect(plan.lines[2].original.dueAfterDays == 14)
        #expect(
            due(try offer.plan(MilestoneCopyDraft(from: 7, shift: .days(-1)))) == ["2027-02-27", "2027-12-30", nil])
        #expect(plan.version == Version(33), "each change of one of them makes it another")
    }

    @Test func `the earliest of the chosen comes to the first day`() throws {
        let offer = try offer(["2026-10-05", nil, "2026-09-01", "2026-09-15"])
        var draft = MilestoneCopyDraft(from: 7, shift: .firstDay(try Self.day("2027-01-11")))
        #expect(due(try offer.plan(draft)) == ["2027-02-14", nil, "2027-01-11", "2027-01-25"])
        draft.milestoneIDs = [4, 1]
        #expect(due(try offer.plan(draft)) == ["2027-01-31", "2027-01-11"], "in the cohort's order")
        draft.milestoneIDs = [2]
        #expect(throws: CaseworkError.invalid("firstDay", .noDatesToMove)) { try offer.plan(draft) }
        draft.milestoneIDs = [1, 9]
        #expect(throws: CaseworkError.invalid("milestoneIds", .unknownMilestone)) { try offer.plan(draft) }
        draft.milestoneIDs = []
        draft.shift = .days(0)
        #expect(try offer.plan(draft).lines.isEmpty)
    }

    @Test func `weekends and what is past are told`() throws {
        let plan = try offer(["2026-11-27", "2026-11-28", "2026-12-05", "2026-12-06", "2026-12-07", "2027-02-01"])
            .plan(MilestoneCopyDraft(from: 7))
        #expect(plan.lines.map(\.isOnWeekend) == [false, true, true, true, false, false])
        #expect(plan.lines.map(\.isPast) == [true, true, false, false, false, false])
        #expect(plan.lines[4].cautions == [.remindersInThePast([30])])
        #expect(plan.lines[5].cautions == [])
    }

    @Test func `weekends of all the calendar are every seven days`() throws {
        for start in [-719_162, -4, 0, 20_000, 2_932_890] {
            let days = (start..<start + 7).compactMap { CalendarDate(daysSince1970: $0) }
            #expect(days.count(where: \.isWeekend) == 2, "\(start)")
        }
        #expect(try Self.day("1969-12-28").isWeekend && Self.day("1970-01-03").isWeekend)
        #expect(try !Self.day("1970-01-01").isWeekend && !Self.day("9999-12-31").isWeekend)
    }

    @Test func `no date leaves the calendar`() throws {
        let late = try offer(["9999-12-31"])
        #expect(throws: CaseworkError.invalid("shiftDays", .dateBeyondCalendar)) {
            try late.plan(MilestoneCopyDraft(from: 7, shift: .days(1)))
        }
        let wide = try offer(["0001-01-01", "9999-12-31"])
        #expect(throws: CaseworkError.invalid("firstDay", .dateBeyondCalendar)) {
            try wide.plan(MilestoneCopyDraft(from: 7, shift: .firstDay(try Self.day("0001-01-02"))))
        }
    }
}
