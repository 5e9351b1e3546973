import Casework
import Hummingbird
import Tenancy

/// The institution's OpenID provider, and how accounts stand to it; for admins in person.
enum IdentityProviderAPI {
    private static let rule = Schema.object([
        .field("claim", .string(1...200)), .field("value", .string(1...200)),
        .field("role", .choice(RoleRule.Role.allCases.map(\.rawValue))),
    ])
    private static let provider = Schema.versioned([
        .field("enabled", .boolean), .field("issuer", .nullable(.string(1...500))),
        .field("clientId", .nullable(.string(1...500))), .field("hasClientSecret", .boolean),
        .field("label", .nullable(.string(1...100))), .field("emailClaim", .string(1...200)),
        .field("numberClaim", .nullable(.string(1...200))), .field("createsStudents", .boolean),
        .field("linksStudents", .boolean), .field("requiresVerifiedEmail", .boolean),
        .field("domains", .array(.string(1...254))), .field("rules", .array(rule)),
        .field("studentPasswords", .boolean),
    ])
    private static let draft = Schema.object([
        .optional("enabled", .boolean), .optional("issuer", .nullable(.string(0...500))),
        .optional("clientId", .nullable(.string(0...500))), .optional("clientSecret", .nullable(.string(1...1_024))),
        .optional("label", .nullable(.string(0...100))), .optional("emailClaim", .nullable(.string(0...200))),
        .optional("numberClaim", .nullable(.string(0...200))), .optional("createsStudents", .boolean),
        .optional("linksStudents", .boolean), .optional("requiresVerifiedEmail", .boolean),
        .optional("domains", .nullable(.array(.string(1...254)))), .optional("rules", .nullable(.array(rule))),
        .optional("studentPasswords", .boolean),
    ])
    private static let identity = Schema.object([
        .field("issuer", .nullable(.string())), .field("linkedAt", .nullable(.instant)),
        .field("usedAt", .nullable(.instant)), .field("awaited", .boolean),
    ])

    static let routes: [Route] = [
        Route(
            .get, "/settings/identity-provider", .signedIn(.adminInPerson),
            "The OpenID provider by which people sign in; its secret never comes out", answer: provider
        ) { call in
            call.answer(try await call.read(IdentityProviderRepository.find()))
        },
        Route(
            .put, "/settings/identity-provider", .signedIn(.adminInPerson),
            "Set the OpenID provider. What is not sent takes its default, but for `clientSecret`: it stays, unless `issuer` or "
                + "`clientId` are others",
            payload: .json(draft), answer: provider, problems: [409]
        ) { call in
            let draft = try Fields.read(try await call.json()) { IdentityProviderDraft(&$0) }
            let provider = try await IdentityProviderRepository(work: call.work())
                .set(draft, ifMatch: call.ifMatch, keys: call.site.requireSecretKeys)
            return call.answer(provider)
        },
        Route(
            .post, "/settings/identity-provider/test", .signedIn(.adminInPerson),
            "Ask the stored provider for its discovery document and keys. `problem` says why it cannot be used",
            answer: .object([.field("usable", .boolean), .field("problem", .nullable(.string()))])
        ) { call in
            let provider = try await call.read(IdentityProviderRepository.find())
            return call.answer(await ProviderTrial.of(provider, by: call.site.providers))
        },
        Route(
            .get, "/accounts/{id}/identity", .signedIn(.adminInPerson), "How an account stands to the OpenID provider",
            answer: identity
        ) { call in
            call.answer(try await call.read(IdentityRepository.find(call.id("id"))))
        },
        Route(
            .put, "/accounts/{id}/identity", .signedIn(.adminInPerson),
            "Let the next one with the account's verified address become its person, or not any more",
            payload: .json(.object([.field("awaited", .boolean)])), answer: identity,
            permission: { .account(try $0.id("id")) }
        ) { call in
            let isAwaited = try Fields.read(try await call.json()) { $0.required("awaited", .bool) }
            return call.answer(
                try await IdentityRepository(work: call.work()).setAwaited(isAwaited, of: call.id("id")))
        },
        Route(
            .delete, "/accounts/{id}/identity", .signedIn(.adminInPerson),
            "Part an account from whoever signs in to it by the OpenID provider; its sessions end", status: .noContent
        ) { call in
            try await IdentityRepository(work: call.work()).remove(of: call.id("id"))
            return call.nothing
        },
    ]
}

/// What came of asking a provider whether it can be used.
struct ProviderTrial: JSONEncodable {
    /// Nil where it can be used; where nothing is set, neither reason nor use.
    let fault: (isReachable: Bool, reason: String)?

    static func of(_ provider: IdentityProvider, by known: KnownProviders) async -> ProviderTrial {
        guard let issuer = provider.issuer else { return ProviderTrial(fault: (false, "no issuer is set")) }
        return ProviderTrial(fault: await known.fault(of: issuer))
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("usable", fault == nil)
            $0.field("problem", fault?.reason)
        }
    }
}
