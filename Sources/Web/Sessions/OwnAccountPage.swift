import Casework

/// The own account: who one is here, password, language, and where one is signed in.
struct OwnAccountPage {
    let visit: Visit
    let viewer: Viewer
    let account: Account
    let sessions: [OwnSession]
    let mail: MailPreferences
    let calendar: CalendarCard

    private var words: Catalogue { visit.words }
    private var isStudent: Bool { viewer.role == "student" }

    @HTMLBuilder var html: HTML {
        pageHead(words[SessionText.account], text: words[SessionText.accountText])
        card("you", viewer.name) { facts }
        card("password", words[SessionText.changePassword]) { password }
        card("codes", words[SessionText.codes]) {
            p(.class("hint")) { words[SessionText.codesText] }
            p { a(.class("button"), .href("/account/codes")) { words[SessionText.codesOpen] } }
        }
        card("language", words[SessionText.language]) { languageSwitch(words, then: "/account", csrf: visit.csrf) }
        if !isStudent || viewer.studentVisibility { card("mail", words[MailText.own]) { wishes } }
        if !isStudent || viewer.studentVisibility { calendar.html }
        card("sessions", words[SessionText.sessions]) { places }
        if isStudent, viewer.studentVisibility {
            card("record", words[SessionText.record]) {
                p(.class("hint")) { words[SessionText.recordText] }
                p { a(.class("button"), .href("/account/record")) { words[SessionText.recordGet] } }
            }
        }
    }

    @HTMLBuilder private var facts: HTML {
        p {
            bdi { account.email }
            if let preferred = account.preferredName { fact("\(words[AccountText.preferredName]): \(preferred)") }
            if let number = account.studentNumber { fact("\(words[CohortText.number]): \(number)") }
        }
        p(.class("hint")) { words[SessionText.accountHint] }
    }

    @HTMLBuilder private var password: HTML {
        p(.class("hint"), .id("newPassword-hint")) { words[SessionText.invitedText] }
        visit.postForm(.class("form"), to: "/account/password") {
            field("currentPassword", words[SessionText.currentPassword], "current-password")
            field("newPassword", words[SessionText.newPassword], "new-password")
            actions { submitButton(words[SessionText.changePassword], .primary) }
        }
    }

    private func field(_ name: String, _ text: String, _ purpose: String) -> HTML {
        let problem = visit.typed.problem(of: name)
        let hints = [purpose == "new-password" ? "\(name)-hint" : nil, problem == nil ? nil : "\(name)-error"]
            .compactMap(\.self).joined(separator: " ")
        return div(.class("field")) {
            label(.for(name)) { text }
            input(
                .id(name), .name(name), .type("password"), .autocomplete(purpose), .required,
                .describedBy(hints.isEmpty ? nil : hints), .if(problem != nil, .invalid))
            if let problem { fieldError(name, problem) }
        }
    }

    /// Which mail is wanted: students get reminders, the others hear of requests.
    @HTMLBuilder private var wishes: HTML {
        p(.class("hint")) { words[isStudent ? MailText.ownText : .ownRequestsText] }
        visit.postForm(.class("form"), to: "/account/mail") {
            if isStudent {
                checkbox("reminders", "true", id: "reminders", words[MailText.wanted], isChecked: mail.reminders)
            } else {
                checkbox("requests", "true", id: "requests", words[MailText.requestsWanted], isChecked: mail.requests)
            }
            visit.field(
                Input(
                    name: "mailLanguage", label: words[MailText.language],
                    kind: .choice(Catalogue.languages.map { ($0, Catalogue.name(of: $0)) }),
                    value: mail.language ?? words.language))
            actions { submitButton(words[ShellText.save]) }
        }
    }

    @HTMLBuilder private var places: HTML {
        let hasOthers = sessions.count > 1
        dataTable(
            .labelledBy("sessions"),
            [
                .name(words[SessionText.place]), .text(words[SessionText.since]), .text(words[SessionText.lastUsed]),
            ] + (hasOthers ? [.actions(words[SessionText.signOut])] : []), of: sessions
        ) { session in
            cell {
                bdi { session.program ?? words[SessionText.unknownProgram] }
                if session.isCurrent {
                    " "
                    tag(Tag(text: words[SessionText.here]))
                }
                if let address = session.address { p(.class("hint")) { bdi { address } } }
            }
            words.instant(session.createdAt, zone: viewer.timeZone)
            words.instant(session.seenAt, zone: viewer.timeZone)
            if hasOthers {
                cell {
                    if !session.isCurrent {
                        visit.postForm(to: "/account/sessions/\(session.id)/end") {
                            submitButton(words[SessionText.signOut])
                        }
                    }
                }
            }
        }
        if hasOthers {
            visit.postForm(to: "/account/sessions/end") { submitButton(words[SessionText.endOthers]) }
        }
    }
}

/// A button for each language there is, in that language.
/// - Parameter address: where to go on, a path of this host.
func languageSwitch(_ words: Catalogue, then address: String, csrf: String) -> HTML {
    postForm([.class("row")], to: "/language", csrf: csrf) {
        hiddenField("next", address)
        for language in Catalogue.languages {
            button(
                .type("submit"), .name("language"), .value(language), .lang(language),
                .if(language == words.language, .current)
            ) {
                Catalogue.name(of: language)
            }
        }
    }
}
