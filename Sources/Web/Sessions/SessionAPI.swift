import Casework
import Hummingbird
import Tenancy

/// Signing in and out, and who one is.
enum SessionAPI {
    static let routes: [Route] = [
        Route(
            .post, "/session", .open,
            "Sign in. `expiresAt` is the end however busy the session is; idle ones end sooner. Where a code is needed too, the answer is 401 with the type `/code-needed` and a `challenge` for `POST /session/code`",
            payload: .json(
                .object([
                    .field("email", .string(1...320)), .field("password", .string(0...PasswordRule.maxBytes)),
                ])),
            status: .created, answer: opened, problems: [401, 429]
        ) { call in
            let (email, password) = try Fields.read(try await call.json()) {
                ($0.required("email", .text(1...320)), $0.required("password", .verbatim()))
            }
            return try await answer(call, try await call.signIn(email: email, password: password))
        },
        Route(
            .post, "/session/code", .open,
            "The second step of signing in: a code of the authenticator app, or a recovery code. 404 where the first is too long ago",
            payload: .json(.object([.field("challenge", .string(1...100)), .field("code", .string(1...100))])),
            status: .created, answer: opened, problems: [401, 404, 429]
        ) { call in
            let (challenge, code) = try Fields.read(try await call.json()) {
                ($0.required("challenge", .text(1...100)), $0.required("code", .text(1...100)))
            }
            guard let challenge = Secret(challenge) else { throw CaseworkError.notFound }
            do {
                return try await answer(call, try await call.finishSignIn(challenge, code: code))
            } catch CaseworkError.unauthenticated {
                throw Problem(.unauthorized, .wrongCode)
            }
        },
        Route(.delete, "/session", .signedIn(.own), "Sign out", status: .noContent) { call in
            guard let token = call.token else { throw CaseworkError.unauthenticated }
            try await SessionRepository(work: call.work()).end(token)
            return call.nothing
        },
        Route(
            .get, "/me", .signedIn(.any), "Who the caller is and what is open to them",
            answer: .object([
                .field("account", AccountAPI.schema),
                .field("institution", .object([.field("slug"), .field("name")])),
                .field("menu", .array(.choice(["case-management", "cohorts", "settings", "dashboard"]))),
                .field("csrfToken"),
            ])
        ) { call in
            guard let token = call.token else { throw CaseworkError.unauthenticated }
            return call.answer(try await SessionRepository(work: call.work()).me(token))
        },
    ]

    private static let opened = Schema.object([
        .field("token"), .field("expiresAt", .instant), .field("account", AccountAPI.schema),
    ])

    private static func answer(_ call: Call, _ session: SignIn.Session) async throws -> Response {
        let work = try call.site.deployment.work(
            in: call.institution, tokenHash: session.token.hash, audience: .own, writing: false)
        let me = try await SessionRepository(work: work).me(session.token)
        return call.answer(Opened(session: session, account: me.account), status: .created)
    }

    private struct Opened: JSONEncodable {
        let session: SignIn.Session
        let account: Account

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("token", session.token.text)
                json.field("expiresAt", session.expiresAt)
                json.field("account", account)
            }
        }
    }
}

extension Call {
    /// Signs in at the institution this request is for.
    /// - Throws: `CaseworkError.unauthenticated`, `.throttled`, `.unavailable`; `SignIn.CodeNeeded`.
    func signIn(email: String, password: String) async throws -> SignIn.Session {
        try await passwordSignIn()(
            email: email, password: password, peer: peer, program: UserAgent.name(of: request.headers[.userAgent]))
    }

    /// The second step.
    /// - Throws: what `SignIn.finish` throws.
    func finishSignIn(_ challenge: Secret, code: String) async throws -> SignIn.Session {
        guard let keys = site.secretKeys else { throw CaseworkError.lacking(.secretKey) }
        return try await passwordSignIn().finish(challenge, code: code, keys: keys, at: now, from: place)
    }
}
