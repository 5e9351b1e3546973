import Casework

/// The picture of a cohort's course: what was completed by each day, against what was due by then.
///
/// Everything is placed in per cent of the width and drawn in a field that stretches, so that the words keep their size
/// on a telephone and on a wall.
struct BurnUpChart {
    private let course: BurnUp
    private let today, start, end: CalendarDay
    private let top, step: Int

    private static let width = 1_000, height = 200

    /// - Returns: nil where there is nothing to draw yet.
    init?(_ course: BurnUp, today: CalendarDay) {
        guard let first = course.days.first, let last = course.days.last, course.total > 0 else { return nil }
        self.course = course
        self.today = today
        // room on both sides, so that the first and the last step are seen as steps
        let (from, to) = (min(first.day, today), max(last.day, today))
        let room = 1 + (to.dayNumber - from.dayNumber) / 30
        start = from.shifted(days: -room)
        end = to.shifted(days: room)
        step = Self.step(for: course.total)
        top = (course.total + step - 1) / step * step
    }

    /// 1, 2 or 5 with zeros, so that at most four lines are drawn.
    private static func step(for total: Int) -> Int {
        var unit = 1
        while true {
            for step in [unit, 2 * unit, 5 * unit] where step * 4 >= total { return step }
            unit *= 10
        }
    }

    // MARK: Places

    private func x(_ day: CalendarDay) -> Double {
        Double((day.dayNumber - start.dayNumber) * Self.width) / Double(end.dayNumber - start.dayNumber)
    }

    private func y(_ value: Int) -> Double { Double(Self.height) * (1 - Double(value) / Double(top)) }

    private static func text(_ place: Double) -> String {
        let tenths = Int((place * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    private func percent(_ day: CalendarDay) -> String { Self.text(x(day) / 10) + "%" }

    /// A line that climbs where something changes.
    private func line(until last: CalendarDay, _ value: (BurnUp.Day) -> Int) -> String {
        var path = "M0 \(Self.height)"
        var drawn = 0
        for day in course.days where day.day <= last && value(day) != drawn {
            drawn = value(day)
            path += "H\(Self.text(x(day.day)))V\(Self.text(y(drawn)))"
        }
        return path + "H\(Self.text(x(last)))"
    }

    // MARK: Model

    func model(_ words: Catalogue) -> Visit.Model {
        let now = course.sums(on: today)
        let numbers = [
            "done": words.number(now.completed), "total": words.number(course.total),
            "percent": String(now.completed * 100 / course.total), "planned": words.number(now.planned),
        ]
        let completed = line(until: today) { $0.completed }
        return [
            "summary": words.text("progress.burnUpSummary", numbers),
            "completed": words.text("progress.burnUpDone", numbers),
            "planned": words.text("progress.burnUpPlanned", numbers),
            "plannedLine": line(until: end) { $0.planned }, "completedLine": completed,
            "completedArea": completed + "V\(Self.height)H0Z",
            "today": percent(today), "now": Self.text(y(now.completed) + Double(Self.inset)),
            "todayAnchor": anchor(today),
            "levels": stride(from: 0, through: top, by: step).map { value -> Visit.Model in
                let line = y(value) + Double(Self.inset)
                return [
                    "y": Self.text(line), "below": Self.text(line - 5), "label": value > 0 ? words.number(value) : "",
                ]
            },
            "dates": dates.map { day, always -> Visit.Model in
                [
                    "x": percent(day), "label": words.shortDate(day, today: today), "anchor": anchor(day),
                    "class": always ? "" : "wide-only",
                ]
            },
            "rows": reported.map { day -> Visit.Model in
                let sums = course.sums(on: day)
                return [
                    "day": words.date(day), "machine": day.isoText, "planned": words.number(sums.planned),
                    "completed": day <= today ? words.number(sums.completed) : "–",
                ]
            },
        ]
    }

    /// Room above the field for the word *today*.
    private static let inset = 24

    private func anchor(_ day: CalendarDay) -> String {
        switch x(day) {
        case ..<120: "start"
        case 880...: "end"
        default: "middle"
        }
    }

    /// Dates below the picture: first and last always, those between where there is room.
    private var dates: [(day: CalendarDay, always: Bool)] {
        let length = end.dayNumber - start.dayNumber
        return (0...4).map { (start.shifted(days: length * $0 / 4), $0 % 2 == 0) }
    }

    /// Days of the table: at most a dozen, whole weeks apart, with today and the last one.
    private var reported: [CalendarDay] {
        let length = end.dayNumber - start.dayNumber
        let weeks = max(1, (length / 7 + 9) / 10)
        let regular = stride(from: 1, to: length, by: 7 * weeks).map { start.shifted(days: $0) }
        return Set(regular + [today, end]).sorted { $0 < $1 }
    }
}
