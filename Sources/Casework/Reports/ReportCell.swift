import Dates
import Foundation

/// A value of a report, as people read it.
public enum ReportCell: Sendable, Hashable {
    case nothing
    case number(Double)
    case day(CalendarDate)
    case instant(Date)
    case text(String)

    /// Takes the text that PostgreSQL makes of a value in JSON.
    init(_ value: String?, isNumber: Bool) {
        guard let value else {
            self = .nothing
            return
        }
        if isNumber, let number = Double(value) {
            self = .number(number)
        } else if let day = CalendarDate(value) {
            self = .day(day)
        } else if let instant = Instant.date(parsing: value) {
            self = .instant(instant)
        } else {
            self = .text(value)
        }
    }
}
