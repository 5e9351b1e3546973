import Casework
import Hummingbird
import Tenancy

/// The server from which the institution's roster is fetched, and its runs.
enum RosterSourcePages {
    private static let path = "/settings/roster-source"

    static let routes: [PageRoute] = [
        .get(path, .signedIn(.adminInPerson)) { try await show($0) },
        .post(path, .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                // an empty field means the secret that is there, which no page shows
                let fields = visit.form.fields.filter { $0.key != "clientSecret" || $0.value != [""] }
                let draft = try Fields.read(form: fields) { RosterSourceDraft(&$0) }
                _ = try await RosterSourceRepository(work: visit.call.work())
                    .set(draft, ifMatch: visit.seenVersion, keys: visit.call.site.requireSecretKeys)
                return visit.redirect(path, done: .saved)
            } again: {
                try await show($0)
            }
        },
        .post("\(path)/test", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                try await show(visit.untyped, trial: try await RosterTrial(visit.call))
            } again: {
                try await show($0.untyped)
            }
        },
        .post("\(path)/runs", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let draft = try Fields.read(form: visit.form.fields) { RosterRunDraft(&$0) }
                _ = try await RosterSourceRepository(work: visit.call.work()).start(draft)
                return visit.redirect(path, done: .rosterWanted)
            } again: {
                try await show($0.untyped)
            }
        },
    ]

    private static func show(_ visit: Visit, trial: RosterTrial? = nil) async throws -> Response {
        let page = visit.call.request.method == .get ? try visit.call.page() : PageRequest(limit: 20)
        let (viewer, source, runs) = try await visit.read(
            RosterSourceRepository.find(), RosterSourceRepository.runs(PageRequest(limit: 20, after: page.after)))
        return visit.page(title: visit.words[RosterSourceText.title], viewer: viewer, current: "/settings") {
            RosterSourcePage(visit: visit, source: source, trial: trial, timeZone: viewer.timeZone).html
            RosterRunList(
                visit: visit, source: source, runs: runs.items, next: runs.next, isFirst: page.after == nil,
                timeZone: viewer.timeZone
            ).html
        }
    }
}
