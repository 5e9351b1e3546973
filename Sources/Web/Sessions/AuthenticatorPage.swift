import Casework

/// Codes at sign-in: how they stand, and what to do next.
struct AuthenticatorPage {
    let visit: Visit
    let viewer: Viewer
    let account: Account
    let found: Authenticator?
    /// What the app is to be given; nil unless it is being set up.
    let secret: OneTimeCodes?
    /// Recovery codes just made.
    let made: [String]
    /// Whether the institution demands it of the viewer.
    let isNeeded: Bool

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(
            crumbs: breadcrumbs(words, [Crumb(text: words[SessionText.account], address: "/account")]),
            content: {
                h1 { words[SessionText.codes] }
                p { words[SessionText.codesText] }
            })
        if isNeeded, found?.confirmedAt == nil {
            p(.class("notice warn"), .role("status")) { words[SessionText.codesDemanded] }
        }
        if !made.isEmpty { recoveryCodes }
        if let found, let since = found.confirmedAt {
            on(found, since: words.instant(since, zone: viewer.timeZone))
        } else if let secret {
            setUp(secret)
        } else {
            begin
        }
    }

    private var begin: HTML {
        card("begin", words[SessionText.codesOff]) {
            if visit.call.site.secretKeys == nil {
                p { words.refusal(Refusal(.noSecretKeys)) }
            } else {
                p { words[SessionText.codesBegin] }
                visit.postForm(to: "/account/codes") { submitButton(words[SessionText.codesSetUp], .primary) }
            }
        }
    }

    private func setUp(_ secret: OneTimeCodes) -> HTML {
        card("begin", words[SessionText.codesSetUp]) {
            p { words[SessionText.secretText] }
            // names that are too long for a picture leave the text
            if let picture = QRCode(uri(of: secret)) { picture.html(label: words[SessionText.picture]) }
            p {
                "\(words[SessionText.secret]): "
                code(.id("secret")) { secret.text }
            }
            p {
                a(.href(uri(of: secret))) {
                    words[SessionText.openApp]
                }
            }
            visit.postForm(.class("form"), to: "/account/codes/confirm") {
                p(.class("hint"), .id("code-hint")) { words[SessionText.confirmText] }
                codeField(visit, label: words[SessionText.code], hint: "code-hint")
                actions { submitButton(words[SessionText.confirm], .primary) }
            }
        }
    }

    private func uri(of secret: OneTimeCodes) -> String {
        secret.uri(account: account.email, issuer: viewer.institution)
    }

    private var recoveryCodes: HTML {
        section(.class("notice"), .role("status"), .labelledBy("made")) {
            h2(.id("made")) { words[SessionText.recoveryCodes] }
            p { words[SessionText.recoveryText] }
            ul { for text in made { li { code { text } } } }
        }
    }

    @HTMLBuilder private func on(_ found: Authenticator, since: String) -> HTML {
        card("begin", words[SessionText.codesOn, ["time": since]]) {
            p { words[SessionText.recoveryLeft, n: found.recoveryCodes] }
            visit.postForm(.class("form"), to: "/account/codes/recovery") {
                passwordField("recoveryPassword")
                actions { submitButton(words[SessionText.recoveryRenew]) }
            }
        }
        card("end", words[SessionText.codesEnd]) {
            p { words[isNeeded ? SessionText.codesEndDemanded : .codesEndText] }
            visit.postForm(.class("form"), to: "/account/codes/remove") {
                passwordField("removalPassword")
                actions { submitButton(words[SessionText.codesEnd], .danger) }
            }
        }
    }

    private func passwordField(_ name: String) -> HTML {
        let problem = visit.typed.problem(of: name)
        return div(.class("field")) {
            label(.for(name)) { words[SessionText.currentPassword] }
            input(
                .id(name), .name(name), .type("password"), .autocomplete("current-password"), .required,
                .describedBy(problem == nil ? nil : "\(name)-error"), .if(problem != nil, .invalid))
            if let problem { fieldError(name, problem) }
        }
    }
}
