import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// To the institution's OpenID provider, and back.
enum ProviderSignInPages {
    private static let cookieName = "__Host-waymark-provider"
    /// Seconds that somebody may stay there.
    private static let patience = 900

    static let routes: [PageRoute] = [
        .get("/sign-in/provider", .open) { visit in
            let next = try visit.call.query { $0.optional("next", .text(1...2000)) }.flatMap(\.ownPath) ?? ""
            do {
                let departure = try await signIn(visit).begin(back: visit.call.providerReturn, next: next)
                return Response(
                    status: .seeOther,
                    headers: [
                        .location: departure.address, .setCookie: cookie(departure.cookie, maxAge: patience),
                        .cacheControl: "no-store",
                    ])
            } catch let refusal as ProviderRefusal {
                return try await refused(visit, visit.words[refusal.text], next: next)
            }
        },
        .get("/sign-in/provider/return", .open) { visit in
            do {
                let answer: ProviderAnswer
                do {
                    answer = try visit.call.query { ProviderAnswer(&$0) }
                } catch { throw ProviderRefusal.strange }
                let (session, next) = try await signIn(visit).finish(
                    answer, cookie: visit.call.request.cookies[cookieName]?.value, back: visit.call.providerReturn,
                    from: visit.call.place, now: visit.call.now)
                var response = visit.redirect(next.ownPath ?? "/")
                response.headers.append(HTTPField(name: .setCookie, value: SessionPages.cookie(session.token.text)))
                response.headers.append(HTTPField(name: .setCookie, value: cookie("", maxAge: 0)))
                return response
            } catch let refusal as ProviderRefusal {
                return try await refused(visit, visit.words[refusal.text])
            } catch CaseworkError.throttled {
                return try await refused(visit, visit.words[SessionText.throttled])
            }
        },
    ]

    private static func signIn(_ visit: Visit) throws -> ProviderSignIn {
        let site = visit.call.site
        return ProviderSignIn(
            gate: try visit.call.work(), providers: site.providers, keys: site.secretKeys, observers: site.observers)
    }

    /// The sign-in page again, which says why somebody did not come in.
    private static func refused(_ visit: Visit, _ text: String, next: String = "") async throws -> Response {
        let page = SignInPage(
            words: visit.words, institution: await visit.institutionName(), resets: visit.call.site.sendsMail,
            provider: await visit.providerButton(), next: next)
        var response = visit.with([FieldProblem(field: "", detail: text)])
            .page(.plain, title: visit.words[SessionText.signIn]) { page.html }
        response.headers[.setCookie] = cookie("", maxAge: 0)
        response.headers[.cacheControl] = "no-store"
        return response
    }

    private static func cookie(_ text: String, maxAge: Int) -> String {
        "\(cookieName)=\(text); Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=\(maxAge)"
    }
}

extension Visit {
    /// What the sign-in page's way to a provider is called; nil where there is none, or the database is away.
    func providerButton() async -> String? {
        let gate = try? call.site.deployment.gate(of: call.institution)
        let name: String?? = try? await gate?.read(IdentityProviderRepository.button)
        return name ?? nil
    }
}

extension ProviderRefusal {
    fileprivate var text: IdentityText {
        switch self {
        case .off: .refusedOff
        case .unreachable: .refusedUnreachable
        case .unusable: .refusedUnusable
        case .declined: .refusedDeclined
        case .strange: .refusedStrange
        case .inactive: .refusedInactive
        case .taken: .refusedTaken
        case .unknown: .refusedUnknown
        case .unaddressed: .refusedUnaddressed
        }
    }
}
