import Casework
import Hummingbird
import Tenancy

/// The set-up guide, for admins.
enum SetupPages {
    static let routes: [PageRoute] = [
        .get("/setup", .signedIn(.admin)) { visit in
            try await show(visit)
        },
        .post("/setup/sample", .signedIn(.adminInPerson)) { visit in
            let cohort = try await SampleCohort(work: visit.call.work()).make(sample(visit.words))
            return visit.redirect("/cohorts/\(cohort)/milestones", done: .created)
        },
        .post("/setup/sample/remove", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                try await SampleCohort(work: visit.call.work()).remove()
                return visit.redirect("/setup", done: .deleted)
            } again: {
                try await show($0)
            }
        },
    ]

    private static func show(_ visit: Visit) async throws -> Response {
        let (viewer, setup, cohort, sample, unattended) = try await visit.read(
            SetupRepository.find(), SetupRepository.cohort, SampleCohort.find, SetupRepository.unattended)
        let page = SetupPage(visit: visit, setup: setup, cohort: cohort, sample: sample, unattended: unattended)
        return visit.page(title: visit.words[SetupText.title], viewer: viewer, current: "/setup") { page.html }
    }

    private static func sample(_ words: Catalogue) -> SampleCohort.Content {
        SampleCohort.Content(
            category: words[SetupText.sampleCategory], cohort: words[SetupText.sampleCohort],
            goal: words[SetupText.sampleGoal],
            milestones: [
                .init(title: words[SetupText.sampleFirst], description: words[SetupText.sampleFirstText], days: 7),
                .init(title: words[SetupText.sampleSecond], description: words[SetupText.sampleSecondText], days: 28),
                .init(title: words[SetupText.sampleThird], description: words[SetupText.sampleThirdText], days: 70),
            ])
    }
}
