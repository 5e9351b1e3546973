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

    func model(_ words: Catalogue) -> Visit.Model {
        [
            "height": String(groups.count * Self.row),
            "summary": groups.map { words.text("progress.overdueOf", values($0, words)) }.joined(separator: "; "),
            "bars": groups.enumerated().map { index, group -> Visit.Model in
                let top = index * Self.row
                return [
                    "name": group.name.count > 24 ? group.name.prefix(23) + "…" : group.name,
                    "label": words.text("progress.ofStudents", values(group, words)), "nameY": String(top + 14),
                    "barY": String(top + 22), "all": width(group.students), "late": width(group.overdue),
                ]
            },
        ]
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
