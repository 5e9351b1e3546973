import Casework
import Foundation
import Hummingbird
import Tenancy

/// Admin Settings, with the switch that shows students their dashboard.
enum SettingsPages {
    static let routes: [PageRoute] = [
        .get("/settings", .signedIn(.adminInPerson)) { try await show($0) },
        .post("/settings", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let patch = try Fields.read(form: visit.form.fields) { SettingsPatch(&$0) }
                _ = try await SettingsRepository(work: visit.call.work()).update(patch, ifMatch: .any)
                return visit.redirect("/settings", done: .saved)
            } again: {
                try await show($0)
            }
        },
    ]

    private static func show(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let settings = try await SettingsRepository(work: visit.call.work()).find()
        let words = visit.words
        let zones =
            TimeZone.knownTimeZoneIdentifiers + (TimeZone.knownTimeZoneIdentifiers.contains("UTC") ? [] : ["UTC"])
        return try visit.page(
            "settings/show", title: words.text("settings.title"), viewer: viewer, current: "/settings",
            [
                "fields": visit.inputs([
                    Input(
                        name: "name", label: words.text("settings.name"), value: settings.name, isRequired: true,
                        limit: 200),
                    Input(
                        name: "timeZone", label: words.text("settings.timeZone"),
                        hint: words.text("settings.timeZoneHint"),
                        kind: .choice(zones.sorted().map { ($0, $0.replacing("_", with: " ")) }),
                        value: settings.timeZone,
                        isRequired: true),
                    Input(
                        name: "cohortDelegation", label: words.text("settings.cohortDelegation"),
                        hint: words.text("settings.cohortDelegationHint"), kind: .check,
                        value: settings.cohortDelegation ? "true" : "false"),
                    Input(
                        name: "studentVisibility", label: words.text("settings.studentVisibility"),
                        hint: words.text("settings.studentVisibilityHint"),
                        kind: .choice([
                            ("disabled", words.text("settings.disabled")), ("enabled", words.text("settings.enabled")),
                        ]), value: settings.studentVisibility.rawValue, isRequired: true),
                ])
            ])
    }
}
