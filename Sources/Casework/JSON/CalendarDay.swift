import Dates
import Postgres

/// A date without time or zone, for the layers above, which do not know the driver.
public typealias CalendarDay = CalendarDate

/// A piece of finished JSON, for the layers above.
public typealias RawJSON = JSONText

extension CalendarDate {
    /// Days since 1970-01-01.
    public var dayNumber: Int { daysSince1970 }

    /// The year, 1 to 9999.
    public var calendarYear: Int { year }

    /// Reads `2026-12-01` and nothing else.
    public static func reading(_ isoText: String) -> CalendarDate? { CalendarDate(isoText) }

    /// `2026-12-01`.
    public var isoText: String { description }

    /// So many days later, or earlier where negative; stops at the first and the last day there is.
    public func shifted(days: Int) -> CalendarDate { adding(days: days) }
}

extension JSONText {
    /// The JSON itself.
    public var jsonText: String { text }
}
