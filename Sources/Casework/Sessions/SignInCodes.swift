import Events
import FoundationEssentials
import Postgres
import Tenancy

/// Where a session begins.
public struct SessionPlace: Sendable {
    let address: String
    let program: String?

    /// - Parameters:
    ///   - address: the client's, as the front believes it.
    ///   - program: a short name of browser and system.
    public init(address: String, program: String?) {
        self.address = String(address.prefix(100))
        self.program = program.map { String($0.prefix(100)) }
    }
}

extension SignIn {
    /// The password was right; a code has yet to be given (`finish`).
    public struct CodeNeeded: Error, Sendable {
        /// What the second step presents, once.
        public let challenge: Secret
        /// Until when.
        public let expiresAt: Date
    }

    /// Notes that the password was right.
    /// - Parameter hash: of the password that was checked, as it is stored by now.
    func challenge(_ account: Known, hash: String) async throws -> CodeNeeded {
        let secret = try Secret.random()
        let sql: SQL = """
            insert into sign_in_challenges (secret_hash, account_id, checked, expires_at)
            select \(secret.hash), a.id, sha256(convert_to(a.password_hash, 'UTF8')), now() + interval '5 minutes'
            from accounts a where a.id = \(account.id) and a.status = 'active' and a.password_hash = \(hash)
            returning expires_at
            """
        let expiry: Date? = try await gate(sql.optionalValue(Date.self))
        guard let end = expiry else { throw CaseworkError.unauthenticated }
        return CodeNeeded(challenge: secret, expiresAt: end)
    }

    private struct Waiting: Sendable, RowDecodable {
        let id: Int
        let email: String
        let hash: String
        let seed: String

        init(row: Row) throws {
            id = try row.get("id")
            email = try row.get("email")
            hash = try row.get("password_hash")
            seed = try row.get("seed")
        }
    }

    /// Opens the session whose password was right before, by a code of the app or a recovery code. Each attempt is counted like
    /// one at a password, by counters of its own; each code works once.
    /// - Parameters:
    ///   - code: as typed.
    ///   - now: the server's clock.
    /// - Throws: `CaseworkError.notFound` where the first step is too long ago, or does not hold any more;
    ///   `.unauthenticated` for a wrong code; `.throttled`; `.lacking` where the seed's key is missing.
    public func finish(
        _ challenge: Secret, code: String, keys: SecretKeys, at now: Date, from place: SessionPlace
    ) async throws -> Session {
        let waiting: SQL = """
            select a.id, a.email, a.password_hash, k.seed
            from sign_in_challenges c
            join accounts a on a.id = c.account_id and a.status = 'active'
            join authenticators k on k.account_id = a.id and k.confirmed_at is not null
            where c.secret_hash = \(challenge.hash) and c.expires_at > now()
                and c.checked = sha256(convert_to(a.password_hash, 'UTF8'))
            """
        let found: Waiting? = try await gate(waiting.optional(Waiting.self))
        guard let found else { throw CaseworkError.notFound }
        let client = SignInCounters.client(of: place.address)
        let counters = SignInCounters(email: found.email, client: client, for: .code)
        let lock = counters.lock
        let (_, _, verdict) = try await gate(lock[0], lock[1], counters.count)
        guard verdict.wait == 0 else {
            clients.observers.tell(SignInsThrottled(cause: verdict.isEverywhere ? "client" : "counters"))
            throw CaseworkError.throttled(retryAfterSeconds: verdict.wait)
        }
        do {
            let use = try use(of: code, found, keys, now)
            let known = Known(id: found.id, hash: found.hash)
            let credit = SignInCounters(email: found.email, client: client).credit
            return try await open(known, counters, credit: credit) { token in
                """
                with used as (\(use.statement)),
                answered as (
                    delete from sign_in_challenges c using used u
                     where c.secret_hash = \(challenge.hash) and c.account_id = u.account_id and c.expires_at > now()
                    returning c.account_id),
                noted as (
                    insert into audit (action, subject)
                    select 'recovery-code.use', 'account/' || account_id from answered where \(use.isRecovery))
                \(Self.session(token, of: "select account_id from answered", from: place))
                """
            }
        } catch CaseworkError.unauthenticated {
            throw CaseworkError.unauthenticated
        } catch {
            // nothing was guessed
            if (error as? PostgresError)?.outcomeUnknown != true {
                try? await gate.evenIfCancelled(counters.refund)
            }
            throw error
        }
    }

    /// The statement that uses a code up, and returns `account_id` where it was there to be used.
    private func use(
        of code: String, _ found: Waiting, _ keys: SecretKeys, _ now: Date
    ) throws -> (statement: SQL, isRecovery: Bool) {
        switch CodeAnswer(code) {
        case .code(let digits):
            guard let sealed = SealedSecret(found.seed) else { throw CaseworkError.lacking(.secretKey) }
            let seed = try keys.open(sealed, at: Authenticators.seeds.place(in: gate.institution, row: found.id))
            guard let step = OneTimeCodes(seed: seed).step(of: digits, at: now) else {
                throw CaseworkError.unauthenticated
            }
            // of two requests with one code the later waits for the earlier, and finds the step taken
            return (
                """
                update authenticators set last_step = \(step)
                where account_id = \(found.id) and confirmed_at is not null and last_step < \(step) returning account_id
                """, false
            )
        case .recovery(let hash):
            return (
                """
                update authenticators set recovery_hashes = array_remove(recovery_hashes, \(hash))
                where account_id = \(found.id) and confirmed_at is not null and \(hash) = any (recovery_hashes)
                returning account_id
                """, true
            )
        case nil: throw CaseworkError.unauthenticated
        }
    }

    /// Gives an account other recovery codes, after its password was checked like at a sign-in.
    /// - Returns: the codes, which are shown this once.
    /// - Throws: as signing in; `CaseworkError.notFound` where codes are not asked for.
    public func renewRecoveryCodes(of email: String, password: String, peer: String) async throws -> [String] {
        let recovery = try (0..<RecoveryCode.many).map { _ in try RecoveryCode.random() }
        try await change(of: email, password: password, peer: peer, action: "recovery-code.create", matter: nil) { id in
            """
            update authenticators set recovery_hashes = \(recovery.hashes)
            where account_id = \(id) and confirmed_at is not null
            """
        }
        return recovery.map(\.text)
    }

    /// Takes an account's authenticator away, after its password was checked like at a sign-in.
    /// - Throws: as `renewRecoveryCodes`.
    public func removeAuthenticator(of email: String, password: String, peer: String) async throws {
        try await change(
            of: email, password: password, peer: peer, action: "authenticator.delete", matter: "codes-off"
        ) { id in
            "delete from authenticators where account_id = \(id) and confirmed_at is not null"
        }
    }

    private func change(
        of email: String, password: String, peer: String, action: String, matter: String?,
        by statement: @Sendable (Int) -> SQL
    ) async throws {
        let isDone = try await checked(email, password, peer) { account, counters, _ in
            let sql: SQL = """
                with changed as (\(statement(account.id)) returning account_id),
                noted as (
                    insert into audit (action, subject) select \(action)::text, 'account/' || account_id from changed),
                cleared as (\(counters.clear))
                select exists (select from changed) as done,
                    (select case when \(matter != nil && tells) then tell_of(account_id, \(matter)::text) end from changed),
                    \(counters.giveBack)
                """
            let lock = counters.lock
            return try await gate(lock[0], lock[1], sql.value(Bool.self)).2
        }
        guard isDone else { throw CaseworkError.notFound }
    }
}
