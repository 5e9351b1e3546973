import Casework
import Dates

/// The picture of a cohort's course: what was completed by each day, against what was due by then.
///
/// Everything is placed in per cent of the width and drawn in a field that stretches, so that the words keep their size
/// on a telephone and on a wall.
struct BurnUpChart {
    private let course: BurnUp
    private let today, start, end: CalendarDate
    private let top, step: Int

    private static let width = 1_000, height = 200

    /// - Returns: nil where there is nothing to draw yet.
    init?(_ course: BurnUp, today: CalendarDate) {
        guard let first = course.days.first, let last = course.days.last, course.total > 0 else { return nil }
        self.course = course
        self.today = today
        // room on both sides, so that the first and the last step are seen as steps
        let (from, to) = (min(first.day, today), max(last.day, today))
        let room = 1 + (to.daysSince1970 - from.daysSince1970) / 30
        start = from.adding(days: -room)
        end = to.adding(days: room)
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

    private func x(_ day: CalendarDate) -> Double {
        Double((day.daysSince1970 - start.daysSince1970) * Self.width) / Double(end.daysSince1970 - start.daysSince1970)
    }

    private func y(_ value: Int) -> Double { Double(Self.height) * (1 - Double(value) / Double(top)) }

    private static func text(_ place: Double) -> String {
        let tenths = Int((place * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    private func percent(_ day: CalendarDate) -> String { Self.text(x(day) / 10) + "%" }

    /// A line that climbs where something changes.
    private func line(until last: CalendarDate, _ value: (BurnUp.Day) -> Int) -> String {
        var path = "M0 \(Self.height)"
        var drawn = 0
        for day in course.days where day.day <= last && value(day) != drawn {
            drawn = value(day)
            path += "H\(Self.text(x(day.day)))V\(Self.text(y(drawn)))"
        }
        return path + "H\(Self.text(x(last)))"
    }

    /// Room above the field for the word *today*.
    private static let inset = 24

    private func anchor(_ day: CalendarDate) -> String {
        switch x(day) {
        case ..<120: "start"
        case 880...: "end"
        default: "middle"
        }
    }

    /// Dates below the picture: first and last always, those between where there is room.
    private var dates: [(day: CalendarDate, always: Bool)] {
        let length = end.daysSince1970 - start.daysSince1970
        return (0...4).map { (start.adding(days: length * $0 / 4), $0 % 2 == 0) }
    }

    /// Days of the table: at most a dozen, whole weeks apart, with today and the last one.
    private var reported: [CalendarDate] {
        let length = end.daysSince1970 - start.daysSince1970
        let weeks = max(1, (length / 7 + 9) / 10)
        let regular = stride(from: 1, to: length, by: 7 * weeks).map { start.adding(days: $0) }
        return Set(regular + [today, end]).sorted { $0 < $1 }
    }

    // MARK: HTML

    /// A card with the picture, and the same as a table.
    func html(_ words: Catalogue) -> HTML {
        let now = course.sums(on: today)
        let numbers = [
            "done": words.number(now.completed), "total": words.number(course.total),
            "percent": String(now.completed * 100 / course.total), "planned": words.number(now.planned),
        ]
        return card("course", words[ProgressText.burnUp]) {
            figure(.class("stack")) {
                figcaption {
                    ul(.class("legend")) {
                        key("line", words[ProgressText.burnUpDone, numbers])
                        key("planned", words[ProgressText.burnUpPlanned, numbers])
                    }
                }
                svg(
                    .class("chart"), .role("img"), .labelledBy("course-title course-text"), .width("100%"),
                    .height("252")
                ) {
                    title(.id("course-title")) { words[ProgressText.burnUp] }
                    desc(.id("course-text")) { words[ProgressText.burnUpSummary, numbers] }
                    drawing(words, completed: now.completed)
                }
            }
            table(words)
        }
    }

    /// A line of the picture with what it means.
    private func key(_ kind: String, _ text: String) -> HTML {
        li {
            svg(.class("key chart"), .viewBox("0 0 24 12"), .ariaHidden) { path(.class(kind), .d("M0 6H24")) }
            text
        }
    }

    @HTMLBuilder private func drawing(_ words: Catalogue, completed: Int) -> HTML {
        let levels = stride(from: 0, through: top, by: step).map { (value: $0, y: y($0) + Double(Self.inset)) }
        for level in levels {
            Web.line(.class("axis"), .x1("0"), .x2("100%"), .y1(Self.text(level.y)), .y2(Self.text(level.y)))
        }
        lines
        let place = percent(today)
        Web.line(.class("today"), .x1(place), .x2(place), .y1("20"), .y2("224"))
        svgText(.x(place), .y("13"), .textAnchor(anchor(today))) { words[ShellText.today] }
        circle(.class("dot"), .cx(place), .cy(Self.text(y(completed) + Double(Self.inset))), .r("5"))
        for level in levels {
            svgText(.class("level"), .x("0"), .y(Self.text(level.y - 5))) {
                level.value > 0 ? words.number(level.value) : ""
            }
        }
        for (day, always) in dates {
            svgText(.if(!always, .class("wide-only")), .x(percent(day)), .y("244"), .textAnchor(anchor(day))) {
                words.shortDate(day, today: today)
            }
        }
    }

    /// What was planned and what was completed, in a field that stretches.
    private var lines: HTML {
        let completed = line(until: today) { $0.completed }
        return svg(
            .y(String(Self.inset)), .width("100%"), .height(String(Self.height)),
            .viewBox("0 0 \(Self.width) \(Self.height)"), .stretched, .overflowing
        ) {
            path(.class("area"), .d(completed + "V\(Self.height)H0Z"))
            path(.class("planned"), .evenStroke, .d(line(until: end) { $0.planned }))
            path(.class("line"), .evenStroke, .d(completed))
        }
    }

    private func table(_ words: Catalogue) -> HTML {
        details {
            summary { words[ProgressText.asTable] }
            dataTable(
                .labelledBy("course"),
                [
                    .name(words[ProgressText.until]), .number(words[ProgressText.planned]),
                    .number(words[ProgressText.completedHead]),
                ], of: reported
            ) { day in
                let sums = course.sums(on: day)
                time(.dateTime(day.description)) { words.date(day) }
                words.number(sums.planned)
                day <= today ? words.number(sums.completed) : "–"
            }
        }
    }
}
