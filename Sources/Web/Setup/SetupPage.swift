import Casework

/// The set-up guide: what has to be there first, and the ten steps, each with its link.
struct SetupPage {
    let setup: Setup
    let words: Catalogue

    @HTMLBuilder var html: HTML {
        pageHead(words[SetupText.title], text: state) {
            actions {
                a(.class("button"), .href("/preview")) { words[DashboardText.previewTitle] }
                if setup.isReady, setup.studentVisibility != .enabled {
                    a(.class("button primary"), .href("/settings")) { words[SetupText.switchOn] }
                }
            }
        }
        card("before", words[SetupText.checklist]) {
            ul(.class("checklist")) { for item in setup.items { row(item) } }
        }
        card("steps", words[SetupText.steps]) {
            p(.class("quiet")) { stepsDone }
        } content: {
            ol(.class("checklist")) {
                for (number, step) in zip(SetupGuide.steps, Self.steps) { row(step, number: number) }
            }
        }
    }

    /// Whether students see anything, and what is missing before they can.
    private var state: String {
        if setup.studentVisibility == .enabled { return words[SetupText.visible] }
        if setup.isReady { return words[SetupText.ready] }
        let done = setup.items.count(where: \.isDone)
        return words[SetupText.notReady, ["done": "\(done)", "total": "\(setup.items.count)"]]
    }

    private var stepsDone: String {
        words[SetupText.stepsDone, ["done": "\(setup.guide.done)", "total": "\(SetupGuide.steps.count)"]]
    }

    private func row(_ item: Setup.Item) -> HTML {
        li {
            mark(isDone: item.isDone)
            div {
                a(.href(item.step.address)) { words[item.step.text] }
                " "
                if item.step.isAdvice { tag(Tag(text: words[SetupText.advice])) }
                fact("\(words[item.isDone ? SetupText.done : .open]) · \(words.number(item.count))")
            }
        }
    }

    private static let steps: [SetupText] = [
        .step1, .step2, .step3, .step4, .step5, .step6, .step7, .step8, .step9, .step10,
    ]

    private func row(_ step: SetupText, number: Int) -> HTML {
        let isDone = setup.guide.isDone(number)
        return li {
            mark(isDone: isDone, else: String(number))
            a(.href(step == .step10 ? "/settings" : "/cohorts")) { words[step] }
            tag(Tag(text: words[isDone ? SetupText.done : .open], tone: isDone ? .ok : .plain))
        }
    }

    private func mark(isDone: Bool, else text: String = "") -> HTML {
        span(.class(isDone ? "mark done" : "mark"), .ariaHidden) { isDone ? "✓" : text }
    }
}

extension SetupStep {
    fileprivate var text: SetupText {
        switch self {
        case .groupsWithCardedMembers: .groupsWithCardedMembers
        case .studentAccounts: .studentAccounts
        case .cohortGoals: .cohortGoals
        case .plannedMilestones: .plannedMilestones
        case .cohorts: .cohorts
        case .studentsAssigned: .studentsAssigned
        case .milestones: .milestones
        case .supportGroupsAttached: .supportGroupsAttached
        }
    }

    /// The page where it is taken.
    fileprivate var address: String {
        switch self {
        case .groupsWithCardedMembers: "/groups"
        case .studentAccounts: "/imports"
        case .cohortGoals, .plannedMilestones, .cohorts, .studentsAssigned, .milestones, .supportGroupsAttached:
            "/cohorts"
        }
    }
}
