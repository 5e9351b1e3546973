import Casework
import Hummingbird
import Tenancy

/// Signing in and out, and who one is.
enum SessionAPI {
    static let routes: [Route] = [
        Route(
            .post, "/session", .open,
            "Sign in. `expiresAt` is the end however busy the session is; idle ones end sooner",
            payload: .json(
                .object([
                    .field("email", .string(1...320)), .field("password", .string(0...PasswordRule.maxBytes)),
                ])),
            status: .created,
            answer: .object([
                .field("token"), .field("expiresAt", .instant), .field("account", AccountAPI.schema),
            ]), problems: [401, 429]
        ) { call in
            let (email, password) = try Fields.read(try await call.json()) {
                ($0.required("email", .text(1...320)), $0.required("password", .verbatim()))
            }
            let session = try await call.signIn(email: email, password: password)
            let work = try call.site.deployment.work(
                in: call.institution, tokenHash: session.token.hash, audience: .any, writing: false)
            let me = try await SessionRepository(work: work).me(session.token)
            return call.answer(Opened(session: session, account: me.account), status: .created)
        },
        Route(.delete, "/session", .signedIn(.any), "Sign out", status: .noContent) { call in
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
    /// - Throws: `CaseworkError.unauthenticated`, `.throttled`, `.unavailable`.
    func signIn(email: String, password: String) async throws -> SignIn.Session {
        try await SignIn(gate: work(), passwords: site.passwords, clients: site.signIns)(
            email: email, password: password, peer: peer)
    }
}
