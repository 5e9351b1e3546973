import Casework

/// The form of the server from which rosters are fetched, and what came of trying it.
struct RosterSourcePage {
    let visit: Visit
    let source: RosterSource
    let trial: RosterTrial?
    /// IANA name of the viewer's time zone.
    let timeZone: String

    private var words: Catalogue { visit.words }
    private let path = "/settings/roster-source"

    init(visit: Visit, source: RosterSource, trial: RosterTrial?, timeZone: String) {
        self.visit = visit
        self.source = source
        self.trial = trial
        self.timeZone = timeZone
    }

    @HTMLBuilder var html: HTML {
        pageHead(words[RosterSourceText.title], text: words[RosterSourceText.text])
        if let trial { notice(of: trial) }
        card("server", words[RosterSourceText.settings]) {
            visit.postForm(.class("form"), .data("keep"), to: path, version: source.version) {
                check("enabled", .enabled, .enabledHint, source.isEnabled)
                line("baseUrl", .baseURL, .baseURLHint, source.baseURL, limit: 500)
                line("tokenUrl", .tokenURL, .tokenURLHint, source.tokenURL, limit: 500)
                line("clientId", .clientID, nil, source.clientID, limit: 500)
                secret
                line("scope", .scope, .scopeHint, source.scope, limit: 1_000)
                visit.field(
                    Input(
                        name: "everyHours", label: words[RosterSourceText.every], kind: .choice(intervals),
                        value: String(source.everyHours), isRequired: true))
                visit.field(
                    Input(
                        name: "hour", label: words[RosterSourceText.hour], hint: words[RosterSourceText.hourHint],
                        kind: .choice(SettingsPage.hours), value: String(source.hour), isRequired: true))
                check("suspendsMissing", .suspendsMissing, .suspendsMissingHint, source.suspendsMissing)
                check("partial", .partial, .partialHint, source.isPartial)
                p { a(.href("/imports/oneroster")) { words[RosterSourceText.rules] } }
                actions {
                    submitButton(words[ShellText.save], .primary)
                    a(.class("button quiet"), .href("/settings")) { words[ShellText.cancel] }
                }
            }
        }
        if source.isSet {
            card("test", words[RosterSourceText.test]) {
                p { words[RosterSourceText.testText] }
                visit.postForm(to: "\(path)/test") { submitButton(words[RosterSourceText.test]) }
            }
        }
    }

    private var intervals: [(value: String, label: String)] {
        RosterSource.intervals.map { hours in
            let label =
                switch hours {
                case 1: words[RosterSourceText.everyHour]
                case 24: words[RosterSourceText.everyDay]
                default: words[RosterSourceText.everyHours, ["count": words.number(hours)]]
                }
            return (String(hours), label)
        }
    }

    private func notice(of trial: RosterTrial) -> HTML {
        section(.class(trial.fault == nil ? "notice" : "notice warn"), .role("status")) {
            if let fault = trial.fault {
                p { words[RosterSourceText.testBad] + " " + words.said(fault) }
                if !fault.detail.isEmpty { p { code { fault.detail } } }
            } else {
                p { words[RosterSourceText.testGood] }
            }
        }
    }

    private var secret: HTML {
        let problem = visit.typed.problem(of: "clientSecret")
        return div(.class("field")) {
            label(.for("clientSecret")) {
                words[RosterSourceText.clientSecret]
                " "
                small { "(\(words[ShellText.optional]))" }
            }
            span(.class("hint"), .id("clientSecret-hint")) {
                words[source.hasSecret ? RosterSourceText.clientSecretKept : .clientSecretHint]
            }
            input(
                .id("clientSecret"), .name("clientSecret"), .type("password"), .autocomplete("off"),
                .describedBy(problem == nil ? "clientSecret-hint" : "clientSecret-hint clientSecret-error"))
            if let problem { fieldError("clientSecret", problem) }
        }
    }

    private func line(
        _ name: String, _ label: RosterSourceText, _ hint: RosterSourceText?, _ value: String?, limit: Int
    ) -> HTML {
        visit.field(
            Input(name: name, label: words[label], hint: hint.map { words[$0] }, value: value, limit: limit))
    }

    private func check(_ name: String, _ label: RosterSourceText, _ hint: RosterSourceText, _ isOn: Bool) -> HTML {
        visit.field(
            Input(
                name: name, label: words[label], hint: words[hint], kind: .check, value: isOn ? "true" : "false"))
    }
}

extension Catalogue {
    /// Why a roster was not fetched, or not taken in.
    func said(_ fault: RosterFault) -> String {
        let key: RosterSourceText =
            switch fault.kind {
            case .secret: .secret
            case .forbidden: .forbidden
            case .unreachable: .unreachable
            case .untrusted: .untrusted
            case .token: .token
            case .unauthorized: .unauthorized
            case .refused: .refused
            case .busy: .busy
            case .unusable: .unusable
            case .tooLarge: .tooLarge
            case .tooLong: .tooLong
            case .lost: .lost
            case .stopped: .stopped
            case .unsure: .unsure
            case .records: .unusableRecords
            case .changed: .changed
            case .program: .program
            }
        guard fault.kind == .stopped else { return self[key] }
        return self[key, ["count": number(fault.count ?? 0), "most": number(fault.most ?? 0)]]
    }
}
