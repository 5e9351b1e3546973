import Casework
import Hummingbird
import Tenancy

/// `/me/authenticator`: the app whose codes are asked for at sign-in, of one's own. Not for programs.
enum AuthenticatorAPI {
    private static let shape = Schema.object([
        .field("confirmedAt", .nullable(.instant)), .field("recoveryCodes", .integer(0...10)),
    ])
    private static let recovery = Schema.object([.field("recoveryCodes", .array(.string(19...19)))])
    private static let password = Schema.object([.field("password", .string(0...PasswordRule.maxBytes))])

    static let routes: [Route] = [
        Route(
            .get, "/me/authenticator", .signedIn(.own),
            "Tells since when codes are asked for at sign-in; null while it is being set up", answer: shape,
            problems: [404]
        ) { call in
            try call.demandPerson()
            guard let found = try await call.authenticators(of: call.work().enter()).find() else {
                throw CaseworkError.notFound
            }
            return call.answer(found)
        },
        Route(
            .post, "/me/authenticator", .signedIn(.own),
            "Begins to set up an authenticator app: a secret, told this once, which a code has to confirm",
            status: .created, answer: .object([.field("secret"), .field("uri")]), problems: [409]
        ) { call in
            try call.demandPerson()
            let keys = try call.site.requireSecretKeys()
            let codes = try await call.authenticators(of: call.account).begin(keys)
            let (account, institution) = try await call.work().read(
                SessionRepository.account, SettingsRepository.institutionName)
            return call.answer(
                MadeSecret(secret: codes.text, uri: codes.uri(account: account.email, issuer: institution)),
                status: .created)
        },
        Route(
            .post, "/me/authenticator/confirmation", .signedIn(.own),
            "Confirms the app by one of its codes: from now on codes are asked for. Answers with recovery codes, told this once",
            payload: .json(.object([.field("code", .string(1...100))])), status: .created, answer: recovery,
            problems: [404, 409]
        ) { call in
            try call.demandPerson()
            let code = try Fields.read(try await call.json()) { $0.required("code", .text(1...100)) }
            let codes = try await call.authenticators(of: call.account).confirm(
                code, call.site.requireSecretKeys(), at: call.now, tells: call.site.sendsMail)
            return call.answer(MadeCodes(codes: codes), status: .created)
        },
        Route(
            .post, "/me/authenticator/recovery-codes", .signedIn(.own),
            "Makes other recovery codes, told this once; the earlier ones end", payload: .json(password),
            status: .created, answer: recovery, problems: [401, 404, 429]
        ) { call in
            try call.demandPerson()
            let password = try Fields.read(try await call.json()) { $0.required("password", .verbatim()) }
            let account = try await call.read(SessionRepository.account)
            let codes = try await call.passwordSignIn().renewRecoveryCodes(
                of: account.email, password: password, peer: call.peer)
            return call.answer(MadeCodes(codes: codes), status: .created)
        },
        Route(
            .post, "/me/authenticator/removal", .signedIn(.own), "Ends that codes are asked for at sign-in",
            payload: .json(password), status: .noContent, problems: [401, 404, 429]
        ) { call in
            try call.demandPerson()
            let password = try Fields.read(try await call.json()) { $0.required("password", .verbatim()) }
            let account = try await call.read(SessionRepository.account)
            try await call.passwordSignIn().removeAuthenticator(
                of: account.email, password: password, peer: call.peer)
            return call.nothing
        },
        Route(
            .delete, "/accounts/{id}/authenticator", .signedIn(.adminInPerson),
            "Takes somebody's authenticator away, who has lost it", status: .noContent,
            permission: { .account(try $0.id("id")) }
        ) { call in
            try await AuthenticatorRepository(work: call.work()).takeAway(
                from: call.id("id"), tells: call.site.sendsMail)
            return call.nothing
        },
    ]

    private struct MadeSecret: JSONEncodable {
        let secret: String
        let uri: String

        func write(to json: inout JSONWriter) {
            json.object {
                $0.field("secret", secret)
                $0.field("uri", uri)
            }
        }
    }

    private struct MadeCodes: JSONEncodable {
        let codes: [String]

        func write(to json: inout JSONWriter) { json.object { $0.field("recoveryCodes", codes) } }
    }
}

extension Call {
    /// - Throws: `CaseworkError.forbidden` for a program.
    func demandPerson() throws {
        guard token?.kind == .session else { throw CaseworkError.forbidden }
    }

    /// The own authenticator of an account that has entered.
    func authenticators(of account: Int) throws -> Authenticators {
        Authenticators(gate: try site.deployment.gate(of: institution), of: account)
    }

    /// Checks passwords at the institution this request is for.
    func passwordSignIn() throws -> SignIn {
        SignIn(
            gate: try site.deployment.gate(of: institution), passwords: site.passwords, clients: site.signIns,
            tells: site.sendsMail)
    }

    /// Where a session would begin.
    var place: SessionPlace {
        SessionPlace(address: peer, program: UserAgent.name(of: request.headers[.userAgent]))
    }
}
