import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// `/settings`, and the logo.
enum SettingsAPI {
    private static let visibility = Schema.choice(StudentVisibility.allCases.map(\.rawValue))
    private static let members: [Schema.Property] = [
        .field("name", .string(1...200)), .field("studentVisibility", visibility), .field("timeZone"),
        .field("cohortDelegation", .boolean), .field("adminsNeedCodes", .boolean),
        .field("reminderHour", .integer(0...23)),
        .field("language", .nullable(.choice(Language.allCases.map(\.rawValue)))),
        .field("color", .nullable(.string(7...7))), .field("suspendPercent", .integer(0...100)),
    ]
    private static let settings = Schema.versioned(members + [.field("logo", .nullable(.string(1...100)))])

    private static let removable = Schema.object(
        ["archivedStudents", "audit", "mails", "files"].map { .field($0, .integer(0...Int.max)) })
    private static let days: [Schema.Property] = [
        .field("archivedStudentsDays", .nullable(.integer(Retention.archivedStudents))),
        .field("auditDays", .nullable(.integer(Retention.audit))),
        .field("mailsDays", .nullable(.integer(Retention.mails))),
        .field("filesDays", .nullable(.integer(Retention.files))),
    ]
    private static let retention = Schema.versioned(days + [.field("removable", removable)])

    static let routes: [Route] = [
        Route(.get, "/settings", .signedIn(.adminInPerson), "Shows the institution's settings.", answer: settings) {
            call in
            call.answer(try await call.read(SettingsRepository.find()))
        },
        Route(
            .patch, "/settings", .signedIn(.adminInPerson), "Changes the institution's settings.",
            payload: .json(Schema.object(members).patch), answer: settings
        ) { call in
            let patch = try Fields.read(try await call.json()) { SettingsPatch(&$0) }
            return try await change(call, patch)
        },
        Route(
            .get, "/settings/retention", .signedIn(.adminInPerson),
            "For how many days what is kept, and how much goes next; null: for good", answer: retention
        ) { call in
            call.answer(try await call.read(RetentionRepository.find()))
        },
        Route(
            .patch, "/settings/retention", .signedIn(.adminInPerson), "Changes for how many days what is kept",
            payload: .json(Schema.object(days).patch), answer: retention
        ) { call in
            let patch = try Fields.read(try await call.json()) { RetentionPatch(&$0) }
            return call.answer(
                try await RetentionRepository(work: try call.work()).update(patch, ifMatch: call.ifMatch))
        },
        Route(
            .put, "/settings/logo", .signedIn(.adminInPerson), "Gives the institution a logo.", payload: .picture,
            answer: settings
        ) { call in
            let picture = try Branding.checked(try await call.body(limit: 1 << 20))
            return try await change(call, SettingsPatch(logo: .value(picture)))
        },
        Route(
            .delete, "/settings/logo", .signedIn(.adminInPerson), "Takes the logo away.", answer: settings
        ) { call in
            try await change(call, SettingsPatch(logo: .null))
        },
    ]

    private static func change(_ call: Call, _ patch: SettingsPatch) async throws -> Response {
        call.answer(try await SettingsRepository(work: try call.work()).update(patch, ifMatch: call.ifMatch))
    }
}
