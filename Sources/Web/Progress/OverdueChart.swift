import Casework

/// The picture of who is overdue: a bar for each group, as long as it has students, filled as far as they are overdue.
struct OverdueChart {
    private let groups: [CaseloadSummary]
    private let largest: Int

    private static let most = 12, row = 48

    /// - Returns: nil where no group has students.
    init?(_ groups: [CaseloadSummary]) {
        let sorted = groups.filter { $0.students > 0 }.sorted {
            ($0.overdue, $1.name) > ($1.overdue, $0.name)
        }
        guard let largest = sorted.map(\.students).max() else { return nil }
        self.groups = Array(sorted.prefix(Self.most))
        self.largest = largest
    }

    func html(_ words: Catalogue) -> HTML {
        figure(.class("stack")) {
            figcaption {
                h3 { words[ProgressText.overdueByGroup] }
                ul(.class("legend")) {
                    key("late", words[ProgressText.legendOverdue])
                    key("rest", words[ProgressText.legendStudents])
                }
            }
            svg(
                .class("chart"), .role("img"), .labelledBy("overdue-title overdue-text"), .width("100%"),
                .height(String(groups.count * Self.row))
            ) {
                title(.id("overdue-title")) { words[ProgressText.overdueByGroup] }
                desc(.id("overdue-text")) {
                    groups.map { words[ProgressText.overdueOf, values($0, words)] }.joined(separator: "; ")
                }
                for (index, group) in groups.enumerated() { bar(of: group, top: index * Self.row, words) }
            }
        }
    }

    private func key(_ kind: String, _ text: String) -> HTML {
        li {
            span(.class("key \(kind)"), .ariaHidden)
            text
        }
    }

    @HTMLBuilder private func bar(of group: CaseloadSummary, top: Int, _ words: Catalogue) -> HTML {
        let name = group.name.count > 24 ? group.name.prefix(23) + "…" : group.name
        svgText(.x("0"), .y(String(top + 14))) {
            tspan(.class("name")) { name }
            " "
            tspan { words[ProgressText.ofStudents, values(group, words)] }
        }
        rect(.class("rest"), .y(String(top + 22)), .width(width(group.students)), .height("12"), .rx("3"))
        rect(.class("late"), .y(String(top + 22)), .width(width(group.overdue)), .height("12"), .rx("3"))
    }

    private func values(_ group: CaseloadSummary, _ words: Catalogue) -> [String: String] {
        ["group": group.name, "overdue": words.number(group.overdue), "students": words.number(group.students)]
    }

    /// In tenths of a per cent, as SVG reads it in every language.
    private func width(_ students: Int) -> String {
        let tenths = students * 1_000 / largest
        return "\(tenths / 10).\(tenths % 10)%"
    }
}
