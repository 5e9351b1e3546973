import Casework
import Hummingbird
import Tenancy

/// The institution's OpenID provider, as admins set it, and how accounts stand to it.
enum IdentityProviderPages {
    private static let path = "/settings/identity-provider"

    static let routes: [PageRoute] = [
        .get(path, .signedIn(.adminInPerson)) { try await show($0) },
        .post(path, .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                // an empty field means the secret that is there, which no page shows
                let fields = visit.form.fields.filter { $0.key != "clientSecret" || $0.value != [""] }
                let draft = try Fields.read(form: fields) { IdentityProviderDraft(&$0) }
                _ = try await IdentityProviderRepository(work: visit.call.work())
                    .set(draft, ifMatch: visit.seenVersion, keys: visit.call.site.requireSecretKeys)
                return visit.redirect(path, done: .saved)
            } again: {
                try await show($0)
            }
        },
        .post("\(path)/test", .signedIn(.adminInPerson)) { visit in
            let provider = try await visit.call.read(IdentityProviderRepository.find())
            return try await show(
                visit.untyped, trial: await ProviderTrial.of(provider, by: visit.call.site.providers))
        },
        .post("/accounts/{id}/identity", .signedIn(.adminInPerson)) { visit in
            let id = try visit.call.id("id")
            let isAwaited = try Fields.read(form: visit.form.fields) { $0.value("awaited", .bool, default: false) }
            _ = try await IdentityRepository(work: visit.call.work()).setAwaited(isAwaited, of: id)
            return visit.redirect("/accounts/\(id)", done: .saved)
        },
        .post("/accounts/{id}/identity/delete", .signedIn(.adminInPerson)) { visit in
            let id = try visit.call.id("id")
            try await IdentityRepository(work: visit.call.work()).remove(of: id)
            return visit.redirect("/accounts/\(id)", done: .removed)
        },
    ]

    private static func show(_ visit: Visit, trial: ProviderTrial? = nil) async throws -> Response {
        let (viewer, provider) = try await visit.read(IdentityProviderRepository.find())
        return visit.page(title: visit.words[IdentityText.title], viewer: viewer, current: "/settings") {
            IdentityProviderPage(visit: visit, provider: provider, trial: trial).html
        }
    }
}

extension Call {
    /// Our own address that the provider sends people back to.
    var providerReturn: String {
        "https://\((request.head.authority ?? host).lowercased())/sign-in/provider/return"
    }
}
