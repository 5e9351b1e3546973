import Casework
import Hummingbird
import Tenancy

/// The set-up guide, for admins.
enum SetupPages {
    static let routes: [PageRoute] = [
        .get("/setup", .signedIn(.admin)) { visit in
            let (viewer, setup, cohort, unattended) = try await visit.read(
                SetupRepository.find(), SetupRepository.cohort, SetupRepository.unattended)
            return visit.page(title: visit.words[SetupText.title], viewer: viewer, current: "/setup") {
                SetupPage(setup: setup, cohort: cohort, unattended: unattended, words: visit.words).html
            }
        }
    ]
}
