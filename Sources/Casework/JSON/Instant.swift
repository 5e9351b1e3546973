import Dates
import FoundationEssentials
import Postgres

/// A point in time in RFC 3339, in UTC, to the millisecond; not by Foundation's formatters, which are slow and lenient.
struct Instant {
    private let day: CalendarDate
    private let millisecond: Int

    /// Nil outside the years 1 to 9999, which RFC 3339 cannot write.
    init?(_ date: Date) {
        let seconds = date.timeIntervalSince1970
        guard abs(seconds) < 1e12 else { return nil }
        // To the microsecond first: a binary fraction a hair below 0.123 is meant to be 0.123.
        let milliseconds = Int((seconds * 1_000_000).rounded()).flooredDivision(by: 1000).quotient
        let (days, rest) = milliseconds.flooredDivision(by: 86_400_000)
        guard let day = CalendarDate(daysSince1970: days) else { return nil }
        self.day = day
        millisecond = rest
    }

    /// `2026-12-01T09:30:00Z`, with `.123` only where there are milliseconds.
    func append(to json: inout JSONWriter) {
        day.append(to: &json)
        json.append(UInt8(ascii: "T"))
        json.append(padded: millisecond / 3_600_000, width: 2)
        json.append(UInt8(ascii: ":"))
        json.append(padded: millisecond / 60_000 % 60, width: 2)
        json.append(UInt8(ascii: ":"))
        json.append(padded: millisecond / 1000 % 60, width: 2)
        if millisecond % 1000 != 0 {
            json.append(UInt8(ascii: "."))
            json.append(padded: millisecond % 1000, width: 3)
        }
        json.append(UInt8(ascii: "Z"))
    }

    /// The instant that RFC 3339 text names, with any offset up to 23:59; nil for all else, leap seconds included.
    static func date(parsing text: String) -> Date? {
        var rest = text.utf8[...]
        guard rest.count <= 64, let day = CalendarDate(String(text.prefix(10))) else { return nil }
        rest.removeFirst(10)
        guard rest.popFirst(where: "Tt ") != nil, let hour = rest.popDigits(2), rest.popFirst(where: ":") != nil,
            let minute = rest.popDigits(2), rest.popFirst(where: ":") != nil, let second = rest.popDigits(2),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction = 0.0
        if rest.popFirst(where: ".") != nil {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard !digits.isEmpty, let value = Double("0." + String(Substring(digits))) else { return nil }
            fraction = value
            rest.removeFirst(digits.count)
        }
        guard let offset = offset(popping: &rest), rest.isEmpty else { return nil }
        let whole = day.daysSince1970 * 86400 + hour * 3600 + minute * 60 + second - offset
        return Date(timeIntervalSince1970: Double(whole) + fraction)
    }

    private static func offset(popping rest: inout Substring.UTF8View) -> Int? {
        if rest.popFirst(where: "Zz") != nil { return 0 }
        guard let sign = rest.popFirst(where: "+-"), let hours = rest.popDigits(2), rest.popFirst(where: ":") != nil,
            let minutes = rest.popDigits(2), hours < 24, minutes < 60
        else { return nil }
        return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    }
}

extension Substring.UTF8View {
    fileprivate mutating func popFirst(where allowed: StaticString) -> UInt8? {
        guard let byte = first, allowed.withUTF8Buffer({ $0.contains(byte) }) else { return nil }
        removeFirst()
        return byte
    }

    fileprivate mutating func popDigits(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let byte = popFirst(where: "0123456789") else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }
}

extension Int {
    /// Rounds towards negative infinity, so that instants before 1970 keep a positive rest.
    fileprivate func flooredDivision(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
