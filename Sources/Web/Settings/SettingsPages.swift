import Casework
import Hummingbird
import Tenancy

/// Admin Settings.
enum SettingsPages {
    static let routes: [PageRoute] = [
        .get("/settings", .signedIn(.adminInPerson)) { try await show($0) },
        .post("/settings", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let patch = try Fields.read(form: visit.form.fields) { SettingsPatch(&$0) }
                _ = try await SettingsRepository(work: visit.call.work())
                    .update(patch, ifMatch: visit.seenVersion)
                return visit.redirect("/settings", done: .saved)
            } again: {
                try await show($0)
            }
        },
    ]

    private static func show(_ visit: Visit) async throws -> Response {
        let (viewer, settings) = try await visit.read(SettingsRepository.find())
        return visit.page(title: visit.words[SettingsText.title], viewer: viewer, current: "/settings") {
            SettingsPage(visit: visit, settings: settings).html
        }
    }
}
