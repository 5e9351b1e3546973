import Casework
import Dates

/// The requests about one milestone with one due date, which stand together and can be approved together.
struct QueueGroup {
    let items: [QueueItem]
    /// The first request after them.
    let next: QueueItem?

    /// The groups of a page, in its order.
    static func all(of items: [QueueItem]) -> [QueueGroup] {
        var rest = items[...]
        var groups: [QueueGroup] = []
        while let first = rest.first {
            let items = rest.prefix { $0.milestoneID == first.milestoneID && $0.dueOn == first.dueOn }
            rest = rest.dropFirst(items.count)
            groups.append(QueueGroup(items: Array(items), next: rest.first))
        }
        return groups
    }

    /// - Parameter row: draws a request; it is told which one the eye goes to when that is answered.
    func html(_ visit: Visit, today: CalendarDate, row: (QueueItem, QueueItem?) -> HTML) -> HTML {
        tbody {
            if let first = items.first { head(visit, first, today) }
            for (place, item) in items.enumerated() {
                row(item, items.dropFirst(place + 1).first ?? next ?? items.prefix(place).last)
            }
        }
    }

    private func head(_ visit: Visit, _ first: QueueItem, _ today: CalendarDate) -> HTML {
        tr(.class("group")) {
            th(.scope("rowgroup"), .columns(4)) {
                b { first.title }
                " "
                small { first.cohort }
                " "
                tag(visit.words.dueTag(first.dueOn, today: today))
            }
            td(.class("actions-cell")) { if items.count > 1 { approve(visit.words, first) } }
        }
    }

    private func approve(_ words: Catalogue, _ first: QueueItem) -> HTML {
        let names = items.map(\.name).joined(separator: " ")
        return button(
            .form("answers"), .name("action"),
            .value("\(ProgressAction.complete.rawValue) \(names)\(QueueAnswer.then(next))")
        ) {
            words[ProgressText.approveGroup, n: items.count]
            visuallyHidden(": \(first.title), \(first.cohort)")
        }
    }
}

extension QueueItem {
    /// By which an answer names the request: milestone, student and the version that is shown.
    var name: String { "\(milestoneID)-\(studentID)-\(version.number)" }
}
