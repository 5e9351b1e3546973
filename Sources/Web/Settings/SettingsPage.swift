import Casework
import Foundation

/// Admin Settings, with the switch that shows students their dashboard.
struct SettingsPage {
    let visit: Visit
    let settings: Settings

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[SettingsText.title], text: words[SettingsText.text])
        section(.class("card")) {
            visit.postForm(.class("form"), .data("keep"), to: "/settings", version: settings.version) {
                institution
                files
                switches
                p { a(.href("/preview")) { words[DashboardText.previewTitle] } }
                p {
                    a(.href("/settings/mail/\(settings.language?.rawValue ?? words.language)")) {
                        words[MailText.texts]
                    }
                }
                p { a(.href("/settings/branding")) { words[BrandingText.title] } }
                p { a(.href("/settings/identity-provider")) { words[IdentityText.title] } }
                p { a(.href("/settings/roster-source")) { words[RosterSourceText.title] } }
                p { a(.href("/settings/retention")) { words[RetentionText.title] } }
                actions { submitButton(words[SettingsText.update], .primary) }
            }
        }
    }

    private static let zones: [(value: String, label: String)] =
        Set(TimeZone.knownTimeZoneIdentifiers + ["UTC"]).sorted().map { ($0, $0.zoneName) }

    /// The hours of a day, to be chosen from.
    static let hours: [(value: String, label: String)] =
        (0...23).map { (String($0), $0 < 10 ? "0\($0):00" : "\($0):00") }

    @HTMLBuilder private var institution: HTML {
        visit.field(
            Input(
                name: "name", label: words[SettingsText.name], value: settings.name, isRequired: true, limit: 200))
        visit.field(
            Input(
                name: "timeZone", label: words[SettingsText.timeZone], hint: words[SettingsText.timeZoneHint],
                kind: .choice(Self.zones), value: settings.timeZone, isRequired: true))
        visit.field(
            Input(
                name: "reminderHour", label: words[SettingsText.reminderHour],
                hint: words[SettingsText.reminderHourHint], kind: .choice(Self.hours),
                value: String(settings.reminderHour), isRequired: true))
        visit.field(
            Input(
                name: "language", label: words[SettingsText.language], hint: words[SettingsText.languageHint],
                kind: .choice(Self.languages), value: (settings.language ?? .english).rawValue, isRequired: true))
    }

    @HTMLBuilder private var files: HTML {
        visit.field(
            Input(
                name: "suspendPercent", label: words[SettingsText.suspendPercent],
                hint: words[SettingsText.suspendPercentHint], kind: .line(type: "number"),
                value: String(settings.suspendPercent), isRequired: true))
    }

    private static let languages: [(value: String, label: String)] =
        Catalogue.languages.map { ($0, Catalogue.name(of: $0)) }

    @HTMLBuilder private var switches: HTML {
        visit.field(
            Input(
                name: "cohortDelegation", label: words[SettingsText.cohortDelegation],
                hint: words[SettingsText.cohortDelegationHint], kind: .check,
                value: settings.cohortDelegation ? "true" : "false"))
        visit.field(
            Input(
                name: "adminsNeedCodes", label: words[SettingsText.adminsNeedCodes],
                hint: words[SettingsText.adminsNeedCodesHint], kind: .check,
                value: settings.adminsNeedCodes ? "true" : "false"))
        visit.field(
            Input(
                name: "studentVisibility", label: words[SettingsText.studentVisibility],
                hint: words[SettingsText.studentVisibilityHint],
                kind: .choice([
                    (StudentVisibility.disabled.rawValue, words[SettingsText.disabled]),
                    (StudentVisibility.enabled.rawValue, words[SettingsText.enabled]),
                ]), value: settings.studentVisibility.rawValue, isRequired: true))
        if visit.typed.problem(of: "studentVisibility") != nil {
            p { a(.href("/setup")) { words[SettingsText.openGuide] } }
        }
    }
}
