import Events
import Foundation
import Outgoing
import Postgres
import Tenancy

/// Signing in by the institution's OpenID provider: the code flow with PKCE (OpenID Connect Core §3.1, RFC 7636, RFC 9700).
public struct ProviderSignIn: Sendable {
    private let gate: UnitOfWork
    private let providers: KnownProviders
    private let keys: SecretKeys?
    private let observers: Observers

    /// - Parameters:
    ///   - gate: the institution's gate (`Deployment.gate(of:)`).
    ///   - providers: what this process knows of providers.
    ///   - keys: open the secret by which the provider knows us.
    public init(gate: UnitOfWork, providers: KnownProviders, keys: SecretKeys?, observers: Observers) {
        self.gate = gate
        self.providers = providers
        self.keys = keys
        self.observers = observers
    }

    /// Where the browser goes, and what it is to keep meanwhile.
    public struct Departure: Sendable {
        /// The provider's address, with the question.
        public let address: String
        /// For as long as the person is there.
        public let cookie: String
    }

    /// Sends somebody to the provider.
    /// - Parameters:
    ///   - back: our own address that the provider sends them back to.
    ///   - next: the path to go on with; empty for the start page.
    /// - Throws: `ProviderRefusal`.
    public func begin(back: String, next: String) async throws -> Departure {
        let setting = try await setting()
        return try await telling {
            let document = try await providers.provider(setting.issuer).discovered()
            let asked = try AuthenticationRequest(next: next)
            let question = FormText.encoded([
                ("response_type", "code"), ("client_id", setting.client), ("redirect_uri", back),
                ("scope", "openid profile email"), ("state", asked.state), ("nonce", asked.nonce),
                ("code_challenge", asked.challenge), ("code_challenge_method", "S256"), ("response_mode", "query"),
            ])
            let joint = document.authorization.contains("?") ? "&" : "?"
            return Departure(address: document.authorization + joint + question, cookie: asked.cookie)
        }
    }

    /// Takes somebody in who comes back from the provider.
    /// - Parameters:
    ///   - cookie: what `begin` gave the browser; nil where it has none.
    ///   - back: as for `begin`.
    ///   - place: the client, for throttling, and to be shown among the account's sessions.
    /// - Returns: the session, and the path to go on with.
    /// - Throws: `ProviderRefusal`, `CaseworkError.throttled`.
    public func finish(
        _ answer: ProviderAnswer, cookie: String?, back: String, from place: SessionPlace, now: Date
    ) async throws -> (session: SignIn.Session, next: String) {
        let setting = try await setting()
        return try await telling {
            guard let asked = cookie.flatMap(AuthenticationRequest.init(cookie:)), let state = answer.state,
                constantTimeEqual(Array(state.utf8), Array(asked.state.utf8))
            else { throw Refused(.strange, "state") }
            if let issuer = answer.issuer, issuer != setting.issuer { throw Refused(.strange, "iss") }
            if let error = answer.error {
                throw Refused(error == "access_denied" ? .declined : .unusable, "the provider answered \(error)")
            }
            let provider = providers.provider(setting.issuer)
            let document = try await provider.discovered()
            guard answer.issuer != nil || !document.namesIssuer else { throw Refused(.strange, "no iss") }
            guard let code = answer.code else { throw Refused(.strange, "no code") }
            let client = SignInCounters(email: "", client: SignInCounters.client(of: place.address))
            try await count(client)
            let claims = try await claims(code, asked, setting, provider, document, back: back, now: now)
            return (try await open(claims, setting, asked, client, place), asked.next)
        }
    }

    // MARK: - The provider

    private struct Setting: Sendable, RowDecodable {
        let issuer: String
        let client: String
        let sealed: String?
        let emailClaim: String
        let numberClaim: String?
        let requiresVerifiedEmail: Bool
        let domains: [String]
        let rules: [RoleRule]

        init(row: Row) throws {
            issuer = try row.get("issuer")
            client = try row.get("client_id")
            sealed = try row.get("sealed_secret")
            emailClaim = try row.get("email_claim")
            numberClaim = try row.get("number_claim")
            requiresVerifiedEmail = try row.get("requires_verified_email")
            domains = try row.get("domains")
            rules = IdentityProvider.rules(try row.get("rules"))
        }
    }

    private func setting() async throws -> Setting {
        let sql: SQL = """
            select issuer, client_id, sealed_secret, email_claim, number_claim, requires_verified_email, domains,
                rules::text as rules
            from identity_providers where enabled
            """
        let found: Setting? = try await gate(sql.optional(Setting.self))
        guard let found else { throw ProviderRefusal.off }
        return found
    }

    private struct Refused: Error {
        let refusal: ProviderRefusal
        let reason: String

        init(_ refusal: ProviderRefusal, _ reason: String) {
            self.refusal = refusal
            self.reason = reason
        }
    }

    /// Tells who runs the server why somebody does not come in, and them only that they do not.
    private func telling<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let refused: Refused
        do {
            return try await body()
        } catch let fault as ProviderFault {
            guard fault != .abandoned else { throw ProviderRefusal.unreachable }
            if case .unusable = fault {
                refused = Refused(.unusable, fault.reason)
            } else {
                refused = Refused(.unreachable, fault.reason)
            }
        } catch let fault as SignedToken.Fault {
            refused = Refused(.unusable, "token: \(fault)")
        } catch let fault as IdentityClaims.Fault {
            refused = Refused(.unusable, "token: \(fault.rawValue)")
        } catch let other as Refused {
            refused = other
        }
        observers.tell(
            ProviderSignInFailed(
                refusal: refused.refusal, institution: gate.institution.slug, reason: refused.reason))
        throw refused.refusal
    }

    private func claims(
        _ code: String, _ asked: AuthenticationRequest, _ setting: Setting, _ provider: KnownProvider,
        _ document: ProviderDocument, back: String, now: Date
    ) async throws -> IdentityClaims {
        let answer = try await provider.ask(
            try tokenRequest(code, asked, setting, document, back: back))
        guard let object = try? JSONObject(parsing: answer.body), let text = object.text("id_token") else {
            throw Refused(.unusable, "no ID token in the answer")
        }
        let token = try SignedToken(text)
        guard let content = token.content(verifiedBy: try await provider.keys(for: token)) else {
            throw Refused(.unusable, "token: signature")
        }
        var claims = try IdentityClaims(
            content, issuer: setting.issuer, client: setting.client, nonce: asked.nonce, now: now)
        // some providers keep what they know of a person out of the token
        if claims.address(setting.emailClaim) == nil, let address = document.userInfo,
            let access = object.text("access_token"), access.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        {
            let more = try await provider.ask(
                OutgoingRequest(
                    "GET", address,
                    headers: [("Authorization", "Bearer \(access)"), ("Accept", "application/json")]))
            guard let person = try? JSONObject(parsing: more.body) else {
                throw Refused(.unusable, "what it says of a person is no JSON object")
            }
            try claims.complete(by: person)
        }
        return claims
    }

    private func tokenRequest(
        _ code: String, _ asked: AuthenticationRequest, _ setting: Setting, _ document: ProviderDocument, back: String
    ) throws -> OutgoingRequest {
        var fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", back),
            ("code_verifier", asked.verifier),
        ]
        var headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        switch try secret(of: setting) {
        case nil: fields.append(("client_id", setting.client))
        case let secret? where document.takesSecretInForm:
            fields += [("client_id", setting.client), ("client_secret", secret)]
        case let secret?:
            headers.append(("Authorization", FormText.basic(client: setting.client, secret: secret)))
        }
        return OutgoingRequest(
            "POST", document.token, headers: headers.map { (name: $0.0, value: $0.1) },
            body: Array(FormText.encoded(fields).utf8))
    }

    private func secret(of setting: Setting) throws -> String? {
        guard let text = setting.sealed else { return nil }
        let place = SealedColumn.providerSecret.place(in: gate.institution, row: 1)
        guard let sealed = SealedSecret(text), let secret = try? keys?.open(sealed, at: place) else {
            throw Refused(.unusable, "no key opens the client's secret; see secretKeys")
        }
        return String(decoding: secret, as: UTF8.self)
    }

    // MARK: - The account

    /// Counts a try by its client, like a password's, at all institutions together: each asks the provider something.
    private func count(_ client: SignInCounters) async throws {
        let wait = try await gate(
            ("select wait from begin_sign_in(\(client.client), false)" as SQL).value(Int.self))
        guard wait == 0 else {
            observers.tell(SignInsThrottled(cause: "client"))
            throw CaseworkError.throttled(retryAfterSeconds: wait)
        }
    }

    private struct Outcome: Sendable, RowDecodable {
        let found: String
        let expiresAt: Date?

        init(row: Row) throws {
            found = try row.get("found_how")
            expiresAt = try row.get("expires_at")
        }
    }

    private func open(
        _ claims: IdentityClaims, _ setting: Setting, _ asked: AuthenticationRequest, _ client: SignInCounters,
        _ place: SessionPlace
    ) async throws -> SignIn.Session {
        let person = IdentifiedPerson(
            claims, emailClaim: setting.emailClaim, numberClaim: setting.numberClaim,
            requiresVerifiedEmail: setting.requiresVerifiedEmail, domains: setting.domains, rules: setting.rules)
        let token = SessionToken(kind: .session, institution: gate.institution.id, secret: try Secret.random())
        let sql: SQL = """
            with spent as (insert into spent_sign_ins (secret_hash) values (\(asked.secret.hash))),
            who as materialized (
                select account, found_how from identify(\(setting.issuer), \(claims.subject), \(person.address?.text),
                    \(person.isVerified), \(person.givenName), \(person.familyName), \(person.number), \(person.role))),
            opened as (
                \(SignIn.session(token, of: "select account as account_id from who where account is not null", from: place))
                returning account_id, expires_at),
            made as (
                insert into audit (action, subject, after)
                select case found_how when 'created' then 'account.arrive' else 'identity.create' end, 'account/' || account,
                    jsonb_build_object('issuer', \(setting.issuer)::text)
                        || case found_how when 'created' then jsonb_build_object('email', \(person.address?.text)::text) else '{}' end
                from who where found_how in ('created', 'linked')),
            noted as (
                insert into audit (action, subject) select 'session.create', 'account/' || account_id from opened),
            dated as (
                insert into sign_ins (account_id) select account_id from opened
                on conflict (account_id) do update set at = now())
            select w.found_how, o.expires_at, case when o.expires_at is not null then \(client.giveBack) end
            from who w left join opened o on true
            """
        let outcome = try await once(sql)
        guard let expiresAt = outcome.expiresAt else {
            throw Refused(ProviderRefusal(rawValue: outcome.found) ?? .off, "account")
        }
        return SignIn.Session(token: token, expiresAt: expiresAt)
    }

    /// Two first sign-ins of one person at the same time want to make the same account: the second finds what the first made. The
    /// same answer sent twice may meet that first, and only then that it is spent.
    private func once(_ sql: SQL) async throws -> Outcome {
        var tries = 0
        while true {
            tries += 1
            do {
                return try await gate(sql.one(Outcome.self))
            } catch let error as PostgresError where error.constraint == "spent_sign_ins_pkey" {
                throw Refused(.strange, "repeated")
            } catch let error as PostgresError where error.sqlState == .uniqueViolation && tries < 3 {
                // goes round again
            }
        }
    }
}

/// What an account is made of, or found by, as far as a provider's word is good for it.
struct IdentifiedPerson: Sendable {
    let address: EmailAddress?
    /// Whether the provider has verified that address. An account that is there already is found by no other.
    let isVerified: Bool
    let givenName: String
    let familyName: String
    let number: String?
    let role: String

    init(
        _ claims: IdentityClaims, emailClaim: String, numberClaim: String?, requiresVerifiedEmail: Bool,
        domains: [String], rules: [RoleRule]
    ) {
        let said = claims.address(emailClaim)
        isVerified = said.map(claims.hasVerified) ?? false
        let isOurs = domains.isEmpty || said.map { domains.contains($0.domain) } ?? false
        address = isOurs && (isVerified || !requiresVerifiedEmail) ? said : nil
        let given = claims.text("given_name", atMost: 200)
        let family = claims.text("family_name", atMost: 200)
        let fallback = claims.text("name", atMost: 200) ?? said.map { String($0.text.prefix { $0 != "@" }) } ?? "?"
        givenName = given ?? (family == nil ? fallback : "")
        familyName = family ?? ""
        number = claims.text(numberClaim, atMost: 100)
        role = RoleRule.role(of: claims, by: rules)?.rawValue ?? "student"
    }
}
