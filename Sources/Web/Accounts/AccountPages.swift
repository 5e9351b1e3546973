import Casework
import Hummingbird
import Tenancy

/// People, for admins: finding, adding and changing them, and the link by which somebody chooses a password.
enum AccountPages {
    static let routes: [PageRoute] = [
        .get("/accounts", .signedIn(.admin)) { try await list($0) },
        .get("/accounts/new", .signedIn(.admin)) { try await new($0) },
        .post("/accounts", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                var fields = named(visit.form)
                let invites = fields.removeValue(forKey: "invite")?.first == "true" && visit.call.site.sendsMail
                let draft = try Fields.read(form: fields) { AccountDraft(&$0) }
                let account = try await AccountRepository(work: visit.call.work())
                    .create(draft, hashing: visit.call.site.passwords)
                guard invites, account.status == .active else {
                    return visit.redirect("/accounts/\(account.id)", done: .created)
                }
                let invited = try await InvitationRepository(work: visit.call.work())
                    .invite(byMail: .chosen([account.id]), host: visit.call.host)
                return visit.redirect("/accounts/\(account.id)", done: .invited, count: invited)
            } again: {
                try await new($0)
            }
        },
        .get("/accounts/{id}", .signedIn(.admin)) { try await show($0) },
        .post("/accounts/{id}", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                var patch = try Fields.read(form: named(visit.form)) { AccountPatch(&$0) }
                if patch.familyName == nil, visit.form["familyName"] != nil { patch.familyName = "" }
                _ = try await AccountRepository(work: visit.call.work())
                    .update(
                        id, patch, ifMatch: visit.seenVersion, hashing: visit.call.site.passwords,
                        tells: visit.call.site.sendsMail)
                return visit.redirect("/accounts/\(id)", done: .saved)
            } again: {
                try await show($0)
            }
        },
        .post("/accounts/{id}/invitation", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let invitation = try await InvitationRepository(work: visit.call.work()).invite(visit.call.id("id"))
                return try await show(visit.untyped, invitation: invitation)
            } again: {
                try await show($0.untyped)
            }
        },
        .post("/accounts/{id}/delete", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                try await AccountRepository(work: visit.call.work())
                    .remove(visit.call.id("id"), ifMatch: visit.seenVersion)
                return visit.redirect("/accounts", done: .deleted)
            } again: {
                try await show($0.untyped)
            }
        },
    ]

    /// The form's fields without an empty last name: not everybody has one.
    private static func named(_ form: Form) -> [String: [String]] {
        form.fields.filter { $0.key != "familyName" || !($0.value.first ?? "").trimmingSpaces.isEmpty }
    }

    private static func list(_ visit: Visit) async throws -> Response {
        let (filter, page) = try visit.call.query { (AccountFilter(&$0), $0.page()) }
        let (viewer, people) = try await visit.read(AccountRepository.listInvited(filter, page))
        return visit.page(title: visit.words[AccountText.heading], viewer: viewer, current: "/accounts") {
            AccountListPage(visit: visit, people: people, filter: filter, timeZone: viewer.timeZone).html
        }
    }

    private static func new(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        return visit.page(title: visit.words[AccountText.new], viewer: viewer, current: "/accounts") {
            AccountForm(visit: visit).new
        }
    }

    private static func show(_ visit: Visit, invitation: Invitation? = nil) async throws -> Response {
        let id = try visit.call.id("id")
        let (viewer, account, state, usesCodes, identity, erasedAt) = try await visit.read(
            AccountRepository.find(id), InvitationRepository.state(of: id), AuthenticatorRepository.isOn(id),
            IdentityRepository.find(id), ErasureRepository.moment(of: id))
        let page = AccountPage(
            visit: visit, account: account, state: state, usesCodes: usesCodes, identity: identity, erasedAt: erasedAt,
            invitation: invitation, timeZone: viewer.timeZone)
        var response = visit.page(title: account.name, viewer: viewer, current: "/accounts") { page.html }
        if invitation != nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}
