import Casework
import Dates
import Testing

/// What is odd about a milestone's dates.
@Suite struct DateCautionTests {
    private func cautions(_ due: String?, _ reminders: [Int], after days: Int? = nil) throws -> [DateCaution] {
        let day = due.flatMap { CalendarDate($0) }
        return DateCaution.all(
            dueOn: day, dueAfterDays: days, reminders: reminders,
            today: try #require(CalendarDate(year: 2026, month: 11, day: 29)))
    }

    @Test func `reminders need a day to count back from`() throws {
        #expect(try cautions(nil, []) == [])
        #expect(try cautions(nil, [7]) == [.remindersWithoutDueDate])
        #expect(try cautions(nil, [7], after: 7) == [])
        #expect(try cautions(nil, [1, 7, 14], after: 7) == [.remindersBeforeJoining([14])])
    }

    @Test func `a day that is past is told once, and today is not past`() throws {
        #expect(try cautions("2026-11-28", [1, 7]) == [.dueInThePast])
        #expect(try cautions("2026-11-29", []) == [])
        #expect(try cautions("2026-11-29", [1]) == [.remindersInThePast([1])])
    }

    @Test func `of reminders those are told whose day is past`() throws {
        #expect(try cautions("2026-12-06", [1, 7, 14, 30]) == [.remindersInThePast([14, 30])])
        #expect(try cautions("2027-02-01", [1, 7, 14, 30]) == [])
    }
}
