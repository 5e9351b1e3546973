import Casework
import Dates

/// A cohort's Milestones tab: the Assigned Milestones box at the left, the details of the chosen one at the right.
struct MilestonesPage {
    let visit: Visit
    let cohort: Int
    /// The retired ones too, last.
    let assigned: [AssignedMilestone]
    let today: CalendarDate
    /// The milestone at the right.
    var chosen: MilestoneForm?

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        div(.class("split")) {
            box
            if let chosen {
                chosen.html
            } else {
                emptyCard(words[CohortText.choose]) { p { words[CohortText.chooseText] } }
            }
        }
        moduleScript(visit.kit.assets[.upload])
        moduleScript(visit.kit.assets[.milestone])
    }

    private var box: HTML {
        card("assigned", words[CohortText.assigned]) {
            if inUse.isEmpty {
                p(.class("quiet")) { words[CohortText.noMilestones] }
            } else {
                arrangeable
            }
            visit.postForm(to: "/cohorts/\(cohort)/milestones") {
                button(.type("submit")) {
                    span(.ariaHidden) { "+" }
                    " \(words[CohortText.customMilestone])"
                }
            }
            p { a(.href("/cohorts/\(cohort)/copy-milestones")) { words[CohortText.copyMilestones] } }
            if !retired.isEmpty { retiredOnes }
        }
    }

    private var inUse: [AssignedMilestone] { assigned.filter { !$0.milestone.isArchived } }
    private var retired: [Milestone] { assigned.map(\.milestone).filter(\.isArchived) }

    /// The way back to what was retired.
    private var retiredOnes: HTML {
        details(.if(retired.contains { $0.id == chosen?.milestone.id }, .open)) {
            summary { words[CohortText.retiredOnes, n: retired.count] }
            ul(.class("list-choice")) {
                for milestone in retired {
                    li {
                        a(
                            .href("/cohorts/\(cohort)/milestones/\(milestone.id)"),
                            .if(milestone.id == chosen?.milestone.id, .current)
                        ) {
                            b { bdi { milestone.title } }
                            tag(Tag(text: words[CohortText.retiredTag]))
                        }
                    }
                }
            }
        }
    }

    /// The list with what its script needs to move a row by mouse or finger.
    @HTMLBuilder private var arrangeable: HTML {
        ul(
            .class("list-choice arrange"), .data("arrange", "/api/v1/cohorts/\(cohort)/milestone-order"),
            .data("csrf", visit.csrf), .data("moved", words[CohortText.movedTo]),
            .data("failed", words[CohortText.moveFailed])
        ) {
            for (place, item) in inUse.enumerated() { row(item, at: place) }
        }
        p(.class("visually-hidden"), .id("arranged"), .role("status"))
        moduleScript(visit.kit.assets[.arrange])
    }

    private func row(_ item: AssignedMilestone, at place: Int) -> HTML {
        let (id, title) = (item.milestone.id, item.milestone.title)
        let address = "/cohorts/\(cohort)/milestones/\(id)"
        return li(.data("id", String(id)), .data("title", title)) {
            a(.href(address), .if(id == chosen?.milestone.id, .current)) {
                span {
                    b { bdi { title } }
                    fact(facts(of: item))
                }
                if let progress = progress(of: item) { tag(progress) }
            }
            visit.postForm(to: "\(address)/move") {
                moveButton("↑", .moveUp, by: -1, title, isOff: place == 0)
                moveButton("↓", .moveDown, by: 1, title, isOff: place == inUse.count - 1)
            }
        }
    }

    private func moveButton(_ arrow: String, _ key: CohortText, by step: Int, _ title: String, isOff: Bool) -> HTML {
        button(
            .class("quiet"), .type("submit"), .name("by"), .value(String(step)), .title(words[key]),
            .if(isOff, .disabled)
        ) {
            span(.ariaHidden) { arrow }
            visuallyHidden("\(words[key]): \(title)")
        }
    }

    /// When it is due, and how many are done with it.
    private func facts(of item: AssignedMilestone) -> String {
        let due = due(item.milestone)
        guard item.milestone.saved, item.total > 0 else { return due }
        let done = ["done": words.number(item.completed), "total": words.number(item.total)]
        return "\(due) · \(words[CohortText.doneOf, done])"
    }

    private func due(_ milestone: Milestone) -> String {
        guard milestone.saved else { return words[CohortText.notSaved] }
        if let due = milestone.dueOn { return words[CohortText.due, ["date": words.shortDate(due, today: today)]] }
        if let days = milestone.dueAfterDays { return words[CohortText.dueAfter, n: days] }
        return words[CohortText.noDue]
    }

    private func progress(of item: AssignedMilestone) -> Tag? {
        guard item.milestone.saved else { return Tag(text: words[CohortText.draft], tone: .warn) }
        guard item.total > 0 else { return nil }
        let percent = item.completed * 100 / item.total
        let isSoon = item.milestone.dueOn.map { $0 < today || $0.isSoon(today) } ?? false
        return Tag(text: words[CohortText.percent, n: percent], tone: percent >= 75 ? .ok : isSoon ? .warn : .plain)
    }
}
