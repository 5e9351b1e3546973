import Casework
import Hummingbird
import Tenancy

/// What everybody may do with the own account: see it, choose another password or language, sign out elsewhere.
enum OwnAccountPages {
    static let routes: [PageRoute] = [
        .get("/account", .signedIn(.any)) { try await show($0) },
        .post("/account/password", .signedIn(.any), changePassword),
        .post("/account/sessions/end", .signedIn(.any)) { visit in
            guard let token = visit.call.token else { throw CaseworkError.unauthenticated }
            _ = try await SessionRepository(work: visit.call.work()).endOthers(keeping: token)
            return visit.redirect("/account", done: .signedOutElsewhere)
        },
        .post("/account/sessions/{id}/end", .signedIn(.any)) { visit in
            try await SessionRepository(work: visit.call.work()).endOne(visit.call.id("id"))
            return visit.redirect("/account", done: .signedOutThere)
        },
        .post("/account/calendar", .signedIn(.readers)) { visit in
            try await show(visit, calendar: visit.call.makeCalendar(language: visit.words.language))
        },
        .post("/account/calendar/revoke", .signedIn(.readers)) { visit in
            try await CalendarFeedRepository(work: visit.call.work()).revoke()
            return visit.redirect("/account", done: .calendarRevoked)
        },
    ]

    /// - Parameter calendar: just made, to be shown this once.
    private static func show(_ visit: Visit, calendar: NewCalendar? = nil) async throws -> Response {
        guard let token = visit.call.token else { throw CaseworkError.unauthenticated }
        let (viewer, account, sessions, mail, feed) = try await visit.read(
            SessionRepository.account, SessionRepository.own(token), MailPreferenceRepository.own(),
            CalendarFeedRepository.find)
        return visit.page(title: visit.words[SessionText.account], viewer: viewer, current: "/account") {
            OwnAccountPage(
                visit: visit, viewer: viewer, account: account, sessions: sessions, mail: mail,
                calendar: CalendarCard(visit: visit, viewer: viewer, feed: feed, made: calendar)
            ).html
        }
    }

    private static func changePassword(_ visit: Visit) async throws -> Response {
        do {
            let account = try await visit.call.read(SessionRepository.account)
            let (current, new) = try Fields.read(form: visit.form.fields) {
                (
                    $0.required("currentPassword", .verbatim()),
                    $0.required("newPassword", .password(of: account.owner))
                )
            }
            try await visit.call.changePassword(of: account.email, from: current, to: new)
            return visit.redirect("/account", done: .passwordChanged)
        } catch CaseworkError.invalid(let refusals) {
            return try await show(visit.with(refusals))
        } catch CaseworkError.unauthenticated {
            let problem = FieldProblem(field: "currentPassword", detail: visit.words[SessionText.notYourPassword])
            return try await show(visit.with([problem]))
        } catch CaseworkError.throttled {
            return try await show(visit.with([FieldProblem(field: "", detail: visit.words[SessionText.throttled])]))
        }
    }
}

extension Account {
    /// Whom a new password of this account must not name.
    var owner: PasswordOwner { PasswordOwner(email: email, names: [givenName, familyName, preferredName]) }
}

extension Call {
    /// Gives the caller another password; other sessions end.
    /// - Throws: `CaseworkError.unauthenticated` where `current` is not the caller's password, `.throttled`, `.unavailable`,
    ///   `.forbidden` for a program.
    func changePassword(of email: String, from current: String, to new: String) async throws {
        guard let token, token.kind == .session else { throw CaseworkError.forbidden }
        let gate = try site.deployment.gate(of: institution)
        try await SignIn(gate: gate, passwords: site.passwords, clients: site.signIns, tells: site.sendsMail)
            .changePassword(of: email, from: current, to: new, keeping: token, peer: peer)
    }
}
