import Casework

/// The form of the institution's OpenID provider, and what came of trying it.
struct IdentityProviderPage {
    let visit: Visit
    let provider: IdentityProvider
    let trial: ProviderTrial?

    private var words: Catalogue { visit.words }
    private let path = "/settings/identity-provider"

    init(visit: Visit, provider: IdentityProvider, trial: ProviderTrial?) {
        self.visit = visit
        self.provider = provider
        self.trial = trial
    }

    @HTMLBuilder var html: HTML {
        pageHead(words[IdentityText.title], text: words[IdentityText.text])
        if let trial { notice(of: trial) }
        section(.class("card")) {
            visit.postForm(.class("form"), .data("keep"), to: path, version: provider.version) {
                connection
                address
                people
                actions {
                    submitButton(words[ShellText.save], .primary)
                    a(.class("button quiet"), .href("/settings")) { words[ShellText.cancel] }
                }
            }
        }
        if provider.issuer != nil {
            card("test", words[IdentityText.test]) {
                p { words[IdentityText.testText] }
                visit.postForm(to: "\(path)/test") { submitButton(words[IdentityText.test]) }
            }
        }
    }

    private func notice(of trial: ProviderTrial) -> HTML {
        section(.class(trial.fault == nil ? "notice" : "notice warn"), .role("status")) {
            if let fault = trial.fault {
                p { words[fault.isReachable ? IdentityText.testUnusable : .testUnreachable] }
                p { code { fault.reason } }
            } else {
                p { words[IdentityText.testGood] }
            }
        }
    }

    @HTMLBuilder private var connection: HTML {
        check("enabled", .enabled, .enabledHint, provider.isEnabled)
        line("issuer", .issuer, .issuerHint, provider.issuer, limit: 500)
        line("clientId", .clientID, nil, provider.clientID, limit: 500)
        secret
        div(.class("field")) {
            label(.for("return")) { words[IdentityText.returnAddress] }
            span(.class("hint"), .id("return-hint")) { words[IdentityText.returnAddressHint] }
            input(
                .id("return"), .type("text"), .readOnly, .value(visit.call.providerReturn), .describedBy("return-hint"))
        }
        line("label", .label, .labelHint, provider.label, limit: 100)
    }

    private var secret: HTML {
        let problem = visit.typed.problem(of: "clientSecret")
        return div(.class("field")) {
            label(.for("clientSecret")) {
                words[IdentityText.clientSecret]
                " "
                small { "(\(words[ShellText.optional]))" }
            }
            span(.class("hint"), .id("clientSecret-hint")) {
                words[provider.hasSecret ? IdentityText.clientSecretKept : .clientSecretHint]
            }
            input(
                .id("clientSecret"), .name("clientSecret"), .type("password"), .autocomplete("off"),
                .describedBy(problem == nil ? "clientSecret-hint" : "clientSecret-hint clientSecret-error"))
            if let problem { fieldError("clientSecret", problem) }
        }
    }

    @HTMLBuilder private var address: HTML {
        line("emailClaim", .emailClaim, .emailClaimHint, provider.emailClaim, limit: 200)
        check(
            "requiresVerifiedEmail", .requiresVerifiedEmail, .requiresVerifiedEmailHint, provider.requiresVerifiedEmail)
        line("domains", .domains, .domainsHint, provider.domains.joined(separator: ", "), limit: nil)
        line("numberClaim", .numberClaim, .numberClaimHint, provider.numberClaim, limit: 200)
    }

    @HTMLBuilder private var people: HTML {
        check("createsStudents", .createsStudents, .createsStudentsHint, provider.createsStudents)
        check("linksStudents", .linksStudents, .linksStudentsHint, provider.linksStudents)
        check("studentPasswords", .studentPasswords, .studentPasswordsHint, provider.studentPasswords)
        visit.field(
            Input(
                name: "rules", label: words[IdentityText.rules], hint: words[IdentityText.rulesHint], kind: .text,
                value: provider.rules.map(\.line).joined(separator: "\n")))
    }

    private func line(
        _ name: String, _ label: IdentityText, _ hint: IdentityText?, _ value: String?, limit: Int?
    ) -> HTML {
        visit.field(
            Input(name: name, label: words[label], hint: hint.map { words[$0] }, value: value, limit: limit))
    }

    private func check(_ name: String, _ label: IdentityText, _ hint: IdentityText, _ isOn: Bool) -> HTML {
        visit.field(
            Input(
                name: name, label: words[label], hint: words[hint], kind: .check, value: isOn ? "true" : "false"))
    }
}

/// How an account stands to the provider; nothing where there is none and never was.
struct AccountIdentityCard {
    let visit: Visit
    let account: Account
    let identity: AccountIdentity
    /// IANA name of the viewer's time zone.
    let timeZone: String

    private var words: Catalogue { visit.words }
    private var path: String { "/accounts/\(account.id)/identity" }

    @HTMLBuilder var html: HTML {
        if identity.provider != nil || identity.issuer != nil {
            card("identity", words[IdentityText.heading]) {
                if let issuer = identity.issuer { linked(issuer) } else { unlinked }
            }
        }
    }

    @HTMLBuilder private func linked(_ issuer: String) -> HTML {
        p {
            words[IdentityText.linked]
            " "
            bdi { issuer }
        }
        if let usedAt = identity.usedAt {
            p(.class("quiet")) { words[IdentityText.lastUsed, ["date": words.instant(usedAt, zone: timeZone)]] }
        }
        visit.removal(words[IdentityText.unlink], words[IdentityText.unlinkText], at: "\(path)/delete")
    }

    @HTMLBuilder private var unlinked: HTML {
        p { words[identity.isAwaited ? IdentityText.awaited : .notLinked] }
        visit.postForm(to: path) {
            if !identity.isAwaited { hiddenField("awaited", "true") }
            submitButton(words[identity.isAwaited ? IdentityText.stopAwaiting : .startAwaiting])
        }
    }
}
