/// A day of the proleptic Gregorian calendar, years 1 to 9999, without time or zone: what PostgreSQL calls `date`.
public struct CalendarDate: Sendable, Hashable, Comparable {
    /// Days since 1970-01-01; negative before.
    public let daysSince1970: Int

    private static let validDays = -719_162...2_932_896

    /// Nil outside of the years 1 to 9999.
    public init?(daysSince1970: Int) {
        guard Self.validDays.contains(daysSince1970) else { return nil }
        self.daysSince1970 = daysSince1970
    }

    /// Nil where there is no such day.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.length(ofMonth: month, year: year)
        else { return nil }
        daysSince1970 = Self.days(year: year, month: month, day: day)
    }

    /// From `2026-12-01` and nothing else: four, two and two digits.
    public init?(_ description: String) {
        var digits: [Int] = []
        for (index, byte) in description.utf8.enumerated() {
            if index == 4 || index == 7 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard (48...57).contains(byte), index < 10 else { return nil }
                digits.append(Int(byte) - 48)
            }
        }
        guard digits.count == 8 else { return nil }
        self.init(
            year: digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3],
            month: digits[4] * 10 + digits[5], day: digits[6] * 10 + digits[7])
    }

    /// 1 to 9999.
    public var year: Int { Self.civil(days: daysSince1970).year }
    /// 1 to 12.
    public var month: Int { Self.civil(days: daysSince1970).month }
    /// 1 to 31.
    public var day: Int { Self.civil(days: daysSince1970).day }

    /// The day so many days later (earlier when negative); stops at the first and the last day there is.
    public func adding(days: Int) -> CalendarDate {
        let (sum, overflow) = daysSince1970.addingReportingOverflow(days)
        let target = overflow ? (days < 0 ? Int.min : Int.max) : sum
        return CalendarDate(clamped: min(max(target, Self.validDays.lowerBound), Self.validDays.upperBound))
    }

    private init(clamped days: Int) { daysSince1970 = days }

    /// Whether it is a Saturday or a Sunday.
    public var isWeekend: Bool {
        let sinceMonday = (daysSince1970 % 7 + 10) % 7  // 1970-01-01 was a Thursday
        return sinceMonday >= 5
    }

    /// Whether the day is the earlier one.
    public static func < (left: CalendarDate, right: CalendarDate) -> Bool {
        left.daysSince1970 < right.daysSince1970
    }
}

extension CalendarDate: LosslessStringConvertible {
    /// Such as `2026-12-01`.
    public var description: String {
        let (year, month, day) = Self.civil(days: daysSince1970)
        return Self.padded(year, 4) + "-" + Self.padded(month, 2) + "-" + Self.padded(day, 2)
    }

    package static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return text.utf8.count >= width ? text : String(repeating: "0", count: width - text.utf8.count) + text
    }
}

extension CalendarDate: Codable {
    /// From its text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let date = CalendarDate(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a date such as 2026-12-01")
        }
        self = date
    }

    /// As its text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension CalendarDate {
    /// Days from 1970-01-01, counted in eras of 400 years that start on the first of March.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    package static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
    }

    private static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
