import Casework
import Hummingbird
import Tenancy

/// Sharing a milestone with other cohorts: each gets a copy that stays the same milestone.
enum SharePages {
    static let routes: [PageRoute] = [
        .get("/cohorts/{id}/milestones/{milestone}/share", .signedIn(.admin)) { try await show($0) },
        .post("/cohorts/{id}/milestones/{milestone}/share", .signedIn(.admin)) { visit in
            let (id, milestone) = (try visit.call.id("id"), try visit.call.id("milestone"))
            return try await visit.attempt {
                let cohorts = try Fields.read(form: visit.form.fields) {
                    $0.value("cohortIds", .ids, default: [])
                }
                guard !cohorts.isEmpty else { throw CaseworkError.invalid("cohortIds", .noCohortChosen) }
                var draft = MilestoneCopyDraft(from: id)
                draft.milestoneIDs = [milestone]
                draft.isShared = true
                do {
                    try await CopyRepository(work: visit.call.work()).copy(draft, into: cohorts)
                } catch CaseworkError.tooLarge(let refusal) {
                    throw CaseworkError.invalid("cohortIds", refusal)
                }
                let title = try await visit.call.read(MilestoneRepository.find(milestone)).title
                return visit.redirect(
                    "/cohorts/\(id)/milestones/\(milestone)", done: .milestoneShared, count: cohorts.count,
                    subject: title)
            } again: {
                try await show($0)
            }
        },
    ]

    private static func show(_ visit: Visit) async throws -> Response {
        let milestone = try visit.call.id("milestone")
        let reading = Reading.all(
            MilestoneRepository.find(milestone), MilestoneRepository.cohorts(openTo: milestone))
        return try await visit.cohortPage(.milestones, title: visit.words[CopyText.share], reading) {
            cohort, _, found in
            guard found.0.cohortID == cohort.id else { throw CaseworkError.notFound }
            return SharePage(visit: visit, cohort: cohort.id, milestone: found.0, open: found.1).html
        }
    }
}

/// The cohorts that a milestone can be shared with, each with a tick.
struct SharePage {
    let visit: Visit
    let cohort: Int
    let milestone: Milestone
    let open: [MilestoneRepository.OpenCohort]

    private var words: Catalogue { visit.words }
    private var address: String { "/cohorts/\(cohort)/milestones/\(milestone.id)" }

    var html: HTML {
        card("share", words[CopyText.share]) {
            h3 { bdi { milestone.title } }
            if open.isEmpty {
                emptyState(words[CopyText.noCohorts]) { p { words[CopyText.noCohortsText] } }
            } else {
                p(.class("hint")) { words[CopyText.shareText] }
                form
            }
        }
    }

    private var form: HTML {
        let chosen = visit.form.fields["cohortIds"] ?? []
        let problem = visit.typed.problem(of: "cohortIds")
        return visit.postForm(.class("form"), to: "\(address)/share") {
            fieldset(.id("cohortIds"), .class("field"), .describedBy(problem == nil ? nil : "cohortIds-error")) {
                legend { words[CopyText.shareWith] }
                for cohort in open {
                    let id = String(cohort.id)
                    checkbox(
                        "cohortIds", id, id: "cohort-\(id)", "\(cohort.category) · \(cohort.name)",
                        isChecked: chosen.contains(id))
                }
                if let problem { fieldError("cohortIds", problem) }
            }
            actions {
                submitButton(words[CopyText.share], .primary)
                a(.class("button quiet"), .href(address)) { words[ShellText.cancel] }
            }
        }
    }
}
