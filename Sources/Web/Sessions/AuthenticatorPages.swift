import Casework
import Hummingbird
import Tenancy

/// Codes at sign-in, of one's own: setting up an authenticator app, recovery codes, and ending it. An admin whose institution
/// demands it, and who has none yet, reaches this page and no other.
enum AuthenticatorPages {
    static let routes: [PageRoute] = [
        .get("/account/codes", .signedIn(.own)) { try await show($0) },
        .post("/account/codes", .signedIn(.own)) { visit in
            try await visit.attempt {
                let keys = try visit.call.site.requireSecretKeys()
                _ = try await visit.call.authenticators(of: visit.call.account).begin(keys)
                return visit.redirect("/account/codes")
            } again: {
                try await show($0)
            }
        },
        .post("/account/codes/confirm", .signedIn(.own)) { visit in
            try await visit.attempt {
                let code = try Fields.read(form: visit.form.fields) { $0.required("code", .text(1...100)) }
                let codes = try await visit.call.authenticators(of: visit.call.account).confirm(
                    code, visit.call.site.requireSecretKeys(), at: visit.call.now, tells: visit.call.site.sendsMail)
                return try await show(visit.untyped, made: codes)
            } again: {
                try await show($0)
            }
        },
        .post("/account/codes/recovery", .signedIn(.own)) { visit in
            try await withPassword(visit, "recoveryPassword") { password, account in
                let codes = try await visit.call.passwordSignIn().renewRecoveryCodes(
                    of: account.email, password: password, peer: visit.call.peer)
                return try await show(visit.untyped, made: codes)
            }
        },
        .post("/account/codes/remove", .signedIn(.own)) { visit in
            try await withPassword(visit, "removalPassword") { password, account in
                try await visit.call.passwordSignIn().removeAuthenticator(
                    of: account.email, password: password, peer: visit.call.peer)
                return visit.redirect("/account/codes", done: .codesEnded)
            }
        },
        .post("/accounts/{id}/authenticator/remove", .signedIn(.adminInPerson)) { visit in
            let id = try visit.call.id("id")
            try await AuthenticatorRepository(work: visit.call.work()).takeAway(
                from: id, tells: visit.call.site.sendsMail)
            return visit.redirect("/accounts/\(id)", done: .authenticatorTaken)
        },
    ]

    private static func withPassword(
        _ visit: Visit, _ field: String, _ change: (String, Account) async throws -> Response
    ) async throws -> Response {
        do {
            let password = try Fields.read(form: visit.form.fields) { $0.required(field, .verbatim()) }
            return try await change(password, try await visit.call.read(SessionRepository.account))
        } catch CaseworkError.invalid(let refusals) {
            return try await show(visit.with(refusals))
        } catch CaseworkError.unauthenticated {
            let problem = FieldProblem(field: field, detail: visit.words[SessionText.notYourPassword])
            return try await show(visit.with([problem]))
        } catch CaseworkError.throttled {
            return try await show(visit.with([FieldProblem(field: "", detail: visit.words[SessionText.throttled])]))
        }
    }

    /// - Parameter made: recovery codes just made, to be shown this once.
    private static func show(_ visit: Visit, made: [String] = []) async throws -> Response {
        let (viewer, account) = try await visit.read(SessionRepository.account)
        let isNeeded =
            viewer.role == "admin" ? try await visit.call.read(SettingsRepository.adminsNeedCodes) : false
        let own = try visit.call.authenticators(of: viewer.id)
        let found = try await own.find()
        // what nobody can open any more is begun anew
        let secret = visit.call.site.secretKeys.flatMap { try? own.pending(found, $0) }
        let page = AuthenticatorPage(
            visit: visit, viewer: viewer, account: account, found: found, secret: secret, made: made,
            isNeeded: isNeeded)
        var response = visit.page(title: visit.words[SessionText.codes], viewer: viewer, current: "/account") {
            page.html
        }
        response.headers[.cacheControl] = "no-store"
        return response
    }
}
