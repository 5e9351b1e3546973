import Casework
import Tenancy

/// The picture of a report: a bar for each of its first rows, with what the row is about above it and its number at the end.
///
/// Lengths are per cent of the width, so that the words keep their size on a telephone and on a wall.
struct ReportChart {
    /// Bars, which are more than an eye compares.
    private static let most = 25
    /// Of one line of words, in pixels; and of a bar with what is around it.
    private static let line = 18, height = 26
    /// Per cent of the width that the longest bar takes; the number stands behind it.
    private static let longest = 88.0

    private struct Bar {
        let name: String
        /// What the name stands in, such as a milestone's cohort: others there may be called alike.
        let place: String
        let number: Double
    }

    private let report: Report
    private let words: Catalogue
    private let bars: [Bar]
    private let heading: String
    private let isWhole: Bool

    /// - Returns: nil where the report has no picture, or nothing above zero to draw.
    init?(_ report: Report, _ lines: [ReportLine], words: Catalogue) {
        guard let chart = report.chart, let name = report.columns.firstIndex(of: chart.name),
            let number = report.columns.firstIndex(of: chart.number)
        else { return nil }
        self.report = report
        self.words = words
        heading = words.column(chart.number)
        isWhole = lines.count <= Self.most
        bars = lines.prefix(Self.most).compactMap { line in
            guard let text = line.values.dropFirst(name).first, let count = line.values.dropFirst(number).first else {
                return nil
            }
            return Bar(
                name: text ?? "–", place: line.values.prefix(name).compactMap(\.self).joined(separator: ", "),
                number: count.flatMap(Double.init) ?? 0)
        }
        guard bars.contains(where: { $0.number > 0 }) else { return nil }
    }

    var html: HTML {
        let top = bars.map(\.number).max() ?? 1
        let lines = bars.contains { !$0.place.isEmpty } ? 2 : 1
        let height = lines * Self.line + Self.height
        return card("chart", heading) {
            if !isWhole { p { words[ReportText.chartFirst, n: Self.most] } }
            svg(
                .class("chart"), .role("img"), .labelledBy("chart-title chart-text"), .width("100%"),
                .height(String(bars.count * height))
            ) {
                title(.id("chart-title")) { "\(words.title(of: report)): \(heading)" }
                desc(.id("chart-text")) {
                    bars.map { bar in
                        let name = [bar.name, bar.place].filter { !$0.isEmpty }.joined(separator: ", ")
                        return "\(name): \(words.decimal(bar.number))"
                    }.joined(separator: "; ")
                }
                for (place, bar) in bars.enumerated() {
                    let y = place * height
                    let below = y + (lines - 1) * Self.line
                    // a bar of nothing is seen as a line
                    let length = max(0.3, bar.number / top * Self.longest)
                    svgText(.class("name"), .x("0"), .y(String(y + 14))) { bar.name }
                    if lines > 1 { svgText(.x("0"), .y(String(below + 14))) { bar.place } }
                    rect(
                        .class("value"), .x("0"), .y(String(below + 20)), .width("\(Self.text(length))%"),
                        .height("14"),
                        .rx("3"))
                    svgText(.x("\(Self.text(length + 1))%"), .y(String(below + 32))) { words.decimal(bar.number) }
                }
            }
        }
    }

    private static func text(_ percent: Double) -> String {
        let tenths = Int((percent * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
