import Casework

/// The set-up guide: one path from nothing to students who see their dashboard, with the step that comes next.
struct SetupPage {
    let visit: Visit
    let setup: Setup
    /// The cohort with which the path goes on; nil where there is none yet.
    let cohort: Int?
    /// The sample cohort; nil where there is none.
    let sample: Int?
    /// The cohorts in which nobody could answer a request.
    let unattended: [SetupRepository.CohortName]

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[SetupText.title], text: state) {
            a(.class("button"), .href("/preview")) { words[DashboardText.previewTitle] }
        }
        if !unattended.isEmpty { warning }
        card("steps", words[SetupText.steps]) {
            p(.class("quiet")) { stepsDone }
        } content: {
            ol(.class("checklist")) { for step in SetupGuide.Step.allCases { row(step) } }
        }
        // who is done needs no sample, unless it is still there
        if sample != nil || setup.guide.next != nil { sampleCard }
    }

    private var sampleCard: HTML {
        card("sample", words[SetupText.sample]) {
            if let sample {
                p { words[SetupText.sampleThere] }
                actions {
                    a(.class("button"), .href("/cohorts/\(sample)/milestones")) { words[SetupText.sampleOpen] }
                    a(.class("button"), .href("/cohorts/\(sample)/preview")) { words[SetupText.samplePreview] }
                    visit.removal(
                        words[SetupText.sampleRemove], words[SetupText.sampleRemoveText], at: "/setup/sample/remove")
                }
            } else {
                p { words[SetupText.sampleText] }
                visit.postForm(to: "/setup/sample") { submitButton(words[SetupText.sampleMake]) }
            }
        }
    }

    /// What students would send, and nobody answer.
    private var warning: HTML {
        section(.class("notice warn stack"), .labelledBy("unattended")) {
            h2(.id("unattended")) { words[SetupText.unattended, n: unattended.count] }
            p { words[SetupText.unattendedText] }
            ul(.class("points")) {
                for cohort in unattended {
                    li { a(.href(CohortTab.attach.address(in: cohort.id))) { bdi { cohort.name } } }
                }
            }
        }
    }

    /// Who sees something, or what that depends on.
    private var state: String {
        if setup.studentVisibility == .enabled {
            return words[SetupText.visible, n: setup.count(of: .studentsAssigned)]
        }
        return words[setup.isReady ? SetupText.ready : .notReady]
    }

    private var stepsDone: String {
        words[SetupText.stepsDone, ["done": "\(setup.guide.done)", "total": "\(SetupGuide.Step.allCases.count)"]]
    }

    private func row(_ step: SetupGuide.Step) -> HTML {
        let isDone = setup.guide.isDone(step)
        let isNext = setup.guide.next == step
        let title = "step-\(step.rawValue)"
        return li(.if(isNext, .class("next"))) {
            span(.class(isDone ? "mark done" : "mark"), .ariaHidden) {
                isDone ? "✓" : step.number.map(String.init) ?? ""
            }
            div {
                a(.id(title), .href(address(of: step))) { words[step.text] }
                fact(words[step.help])
                if step == .accounts { elsewhere }
            }
            if isNext {
                a(.class("button primary"), .href(address(of: step)), .describedBy(title)) { words[SetupText.next] }
            } else {
                tag(Tag(text: words[isDone ? SetupText.done : .open], tone: isDone ? .ok : .plain))
            }
        }
    }

    /// Where accounts may come from instead.
    private var elsewhere: HTML {
        span(.class("fact")) {
            words[SetupText.elsewhere]
            " "
            a(.href("/settings/identity-provider")) { words[IdentityText.title] }
            " · "
            a(.href("/imports/scim")) { words[SCIMText.title] }
            " · "
            a(.href("/settings/roster-source")) { words[RosterSourceText.title] }
        }
    }

    /// The very place where a step is taken.
    private func address(of step: SetupGuide.Step) -> String {
        guard let tab = step.tab else {
            return switch step {
            case .helpers: "/groups"
            case .accounts: "/imports"
            case .showStudents: "/settings"
            default: "/cohorts"
            }
        }
        return cohort.map { tab.address(in: $0) } ?? "/cohorts"
    }
}

extension SetupGuide.Step {
    /// The tab of a cohort where it is taken; nil for other places.
    fileprivate var tab: CohortTab? {
        switch self {
        case .helpers, .accounts, .openCohorts, .makeCohort, .showStudents: nil
        case .openDetails: .details
        case .openAddStudents, .addStudents: .addStudents
        case .openMilestones, .newMilestone, .saveMilestone: .milestones
        case .attachGroups: .attach
        }
    }

    fileprivate var text: SetupText {
        switch self {
        case .helpers: .helpers
        case .accounts: .accounts
        case .openCohorts: .step1
        case .makeCohort: .step2
        case .openDetails: .step3
        case .openAddStudents: .step4
        case .addStudents: .step5
        case .openMilestones: .step6
        case .newMilestone: .step7
        case .saveMilestone: .step8
        case .attachGroups: .step9
        case .showStudents: .step10
        }
    }

    fileprivate var help: SetupText {
        switch self {
        case .helpers: .helpersHelp
        case .accounts: .accountsHelp
        case .openCohorts: .help1
        case .makeCohort: .help2
        case .openDetails: .help3
        case .openAddStudents: .help4
        case .addStudents: .help5
        case .openMilestones: .help6
        case .newMilestone: .help7
        case .saveMilestone: .help8
        case .attachGroups: .help9
        case .showStudents: .help10
        }
    }
}
