import Casework

/// The form that narrows the queue; its choices stand in the address.
struct QueueFilters {
    /// How many of a kind are offered: those about which the most requests wait.
    private static let most = 60

    let filter: QueueFilter
    let contents: QueueContents
    let words: Catalogue

    var html: HTML {
        form(
            .class("search"), .get, .action("/queue"), .data("live", "queue-list"),
            .ariaLabel(words[ProgressText.narrow])
        ) {
            choice("milestone", .milestone, all: .everyMilestone, milestones, filter.milestoneID)
            if contents.cohorts.count > 1 || filter.cohortID != nil {
                choice("cohort", .cohort, all: .everyCohort, cohorts, filter.cohortID)
            }
            if contents.groups.count > 1 || filter.groupID != nil {
                choice(
                    "group", .group, all: .everyGroup, contents.groups.prefix(Self.most).map { ($0.id, $0.name) },
                    filter.groupID)
            }
            choice("age", .sent, all: .anyAge, ages, filter.days)
            submitButton(words[ProgressText.show])
        }
    }

    private var milestones: [(Int, String)] {
        let shown = contents.milestones.filter {
            filter.cohortID == nil || $0.cohortID == filter.cohortID || $0.id == filter.milestoneID
        }
        let chosen = shown.filter { $0.id == filter.milestoneID }
        return (chosen + shown.filter { $0.id != filter.milestoneID }.prefix(Self.most))
            .map { ($0.id, "\($0.title) · \($0.cohort) (\($0.waiting))") }
    }

    private var cohorts: [(Int, String)] {
        contents.cohorts.filter { $0.id == filter.cohortID }.map { ($0.id, $0.name) }
            + contents.cohorts.filter { $0.id != filter.cohortID }.prefix(Self.most).map { ($0.id, $0.name) }
    }

    private var ages: [(Int, String)] {
        [1, QueueFilter.old, 7, 14].map { ($0, words[ProgressText.olderThan, n: $0]) }
    }

    /// What is chosen and no longer offered is offered still, or the form would ask for something else.
    @HTMLBuilder private func choice(
        _ name: String, _ label: ProgressText, all: ProgressText, _ offered: [(Int, String)], _ chosen: Int?
    ) -> HTML {
        Web.label(.class("visually-hidden"), .for(name)) { words[label] }
        select(.id(name), .name(name)) {
            option(.value("")) { words[all] }
            if let chosen, !offered.contains(where: { $0.0 == chosen }) {
                option(.value(String(chosen)), .selected) { words[ProgressText.chosen] }
            }
            for (value, text) in offered {
                option(.value(String(value)), .if(value == chosen, .selected)) { text }
            }
        }
    }
}
