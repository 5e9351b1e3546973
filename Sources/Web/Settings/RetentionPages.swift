import Casework
import Hummingbird
import Tenancy

/// For how long what is kept.
enum RetentionPages {
    static let address = "/settings/retention"

    static let routes: [PageRoute] = [
        .get(address, .signedIn(.adminInPerson)) { try await show($0) },
        .post(address, .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let (patch, confirmed) = try Fields.read(form: visit.form.fields) {
                    (RetentionPatch(&$0), $0.optional("confirmed", .bool))
                }
                if confirmed != true, let question = try await question(visit, patch) { return question }
                _ = try await RetentionRepository(work: visit.call.work()).update(patch, ifMatch: visit.seenVersion)
                return visit.redirect(address, done: .saved)
            } again: {
                try await show($0)
            }
        },
    ]

    /// What the next sweep would take away; nil where that is nothing.
    private static func question(_ visit: Visit, _ patch: RetentionPatch) async throws -> Response? {
        let (viewer, removable) = try await visit.read(RetentionRepository.removable(after: patch))
        guard removable.total > 0 else { return nil }
        return visit.page(title: visit.words[RetentionText.question], viewer: viewer, current: "/settings") {
            RetentionPage.question(visit, removable)
        }
    }

    private static func show(_ visit: Visit) async throws -> Response {
        let (viewer, retention) = try await visit.read(RetentionRepository.find())
        return visit.page(title: visit.words[RetentionText.title], viewer: viewer, current: "/settings") {
            RetentionPage(visit: visit, retention: retention).html
        }
    }
}
