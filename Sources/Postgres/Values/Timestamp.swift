import Dates
import FoundationEssentials

extension Date: PostgresEncodable {
    /// As `timestamptz` text in UTC, to the microsecond.
    public var postgresParameter: Parameter {
        let seconds = timeIntervalSinceReferenceDate
        guard seconds.isFinite, abs(seconds) < 9e12 else { return .text(seconds < 0 ? "-infinity" : "infinity") }
        let whole = seconds.rounded(.down)
        var micros = Int(((seconds - whole) * 1e6).rounded())
        var total = Int(whole) + Int(Date.timeIntervalBetween1970AndReferenceDate)
        if micros == 1_000_000 { (micros, total) = (0, total + 1) }
        let day = total >= 0 ? total / 86_400 : (total - 86_399) / 86_400
        let time = total - day * 86_400
        let (year, month, dayOfMonth) = CalendarDate.civil(days: day)
        let pad = CalendarDate.padded
        return .text(
            pad(year > 0 ? year : 1 - year, 4) + "-" + pad(month, 2) + "-" + pad(dayOfMonth, 2) + " "
                + pad(time / 3600, 2) + ":" + pad(time / 60 % 60, 2) + ":" + pad(time % 60, 2) + "." + pad(micros, 6)
                + (year > 0 ? "+00" : "+00 BC"))
    }
}

extension Date: PostgresDecodable {
    /// From `timestamptz`; infinity becomes the distant past or future.
    public static func decode(_ cell: Cell) throws -> Date {
        guard cell.type == TypeID.timestamptz else { throw cell.mismatch(Date.self) }
        let micros = try cell.integer(Int64.self)
        if micros == .max { return .distantFuture }
        if micros == .min { return .distantPast }
        // PostgreSQL counts from 2000-01-01, Foundation from 2001-01-01: 366 days.
        let (seconds, rest) = micros.quotientAndRemainder(dividingBy: 1_000_000)
        return Date(timeIntervalSinceReferenceDate: Double(seconds - 31_622_400) + Double(rest) / 1e6)
    }
}
