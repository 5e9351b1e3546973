import Casework
import HTTPTypes
import Tenancy

/// `/settings`.
enum SettingsAPI {
    private static let visibility = Schema.choice(StudentVisibility.allCases.map(\.rawValue))
    private static let settings = Schema.versioned([
        .field("name", .string(1...200)), .field("studentVisibility", visibility), .field("timeZone"),
        .field("cohortDelegation", .boolean), .field("reminderHour", .integer(0...23)),
    ])

    static let routes: [Route] = [
        Route(.get, "/settings", .signedIn(.adminInPerson), "Shows the institution's settings.", answer: settings) {
            call in
            call.answer(try await call.read(SettingsRepository.find()))
        },
        Route(
            .patch, "/settings", .signedIn(.adminInPerson), "Changes the institution's settings.",
            payload: .json(settings.patch), answer: settings
        ) { call in
            let patch = try Fields.read(try await call.json()) { SettingsPatch(&$0) }
            return call.answer(
                try await SettingsRepository(work: try call.work()).update(patch, ifMatch: call.ifMatch))
        },
    ]
}
