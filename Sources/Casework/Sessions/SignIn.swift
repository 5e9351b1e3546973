import Events
import FoundationEssentials
import Postgres
import Tenancy

/// Signing in by e-mail address and password.
///
/// The attempt is counted and committed before the password is looked at; the password is checked outside any
/// transaction; the session is made only if the password that was checked is still the account's. Whatever is wrong, the
/// answer and the time it takes are the same. Passwords that wait to be checked take turns in an order in which it plays no
/// part whether an account exists.
public struct SignIn: Sendable {
    let gate: UnitOfWork
    private let passwords: PasswordHasher
    let clients: SignInClients
    let tells: Bool

    /// - Parameters:
    ///   - gate: the institution's gate (`Deployment.gate(of:)`).
    ///   - passwords: at the cost of the stored hashes, so that unknown addresses take as long as known ones.
    ///   - clients: who has attempts under way in this process.
    ///   - tells: whether a mail says that a password is another now, or that codes are not asked for any more.
    public init(gate: UnitOfWork, passwords: PasswordHasher, clients: SignInClients, tells: Bool = false) {
        self.gate = gate
        self.passwords = passwords
        self.clients = clients
        self.tells = tells
    }

    /// A new session.
    public struct Session: Sendable {
        /// What its holder presents.
        public let token: SessionToken
        /// Its end, however busy it is; idle ones end sooner.
        public let expiresAt: Date
    }

    /// Opens a session.
    /// - Parameters:
    ///   - email: as typed, whatever its case.
    ///   - peer: the client's network address, for throttling.
    ///   - program: a short name of its browser and system.
    /// - Throws: `CaseworkError.unauthenticated` where anything is wrong, `.throttled`, `.unavailable`; `CodeNeeded` where the
    ///   account has an authenticator.
    public func callAsFunction(
        email: String, password: String, peer: String, program: String? = nil
    ) async throws -> Session {
        try await checked(email, password, peer) { account, counters, request in
            if account.usesCodes {
                let hash = passwords.needsRehash(account.hash) ? try? await renew(account, password, request) : nil
                throw try await challenge(account, hash: hash ?? account.hash)
            }
            let session = try await open(account, counters) { token in
                Self.session(
                    token, of: "select \(account.id)::int as account_id",
                    from: SessionPlace(address: peer, program: program))
            }
            if passwords.needsRehash(account.hash) { _ = try? await renew(account, password, request) }
            return session
        }
    }

    /// Gives an account a new password. The one it has is checked like at a sign-in, and counted like one: an open session is
    /// no place to guess from. All other sessions of the account end.
    /// - Parameters:
    ///   - email: the account's address.
    ///   - session: the one that goes on.
    ///   - peer: the client's network address, for throttling.
    /// - Throws: as signing in.
    public func changePassword(
        of email: String, from current: String, to new: String, keeping session: SessionToken, peer: String
    ) async throws {
        try await checked(email, current, peer) { account, counters, request in
            let hash = try await passwords.hash(new, for: request)
            let change: SQL = """
                with changed as materialized (
                    select change_password(\(account.id)::int, \(account.hash), \(hash), \(session.hash)) as done),
                noted as (
                    insert into audit (action, subject)
                    select 'account.password', 'account/' || \(account.id)::int from changed where done),
                cleared as (\(counters.clear) and exists (select from changed where done))
                select done, case when \(tells) then tell_of(\(account.id)::int, 'password') end, \(counters.giveBack)
                from changed where done
                """
            let lock = counters.lock
            let (_, _, done) = try await gate(lock[0], lock[1], change.optionalValue(Bool.self))
            guard done == true else { throw CaseworkError.unauthenticated }
        }
    }

    /// Counts an attempt, checks the password, and goes on with whose it is.
    func checked<Output: Sendable>(
        _ email: String, _ password: String, _ peer: String,
        then goOn: (Known, SignInCounters, HashingRequest) async throws -> Output
    ) async throws -> Output {
        // nobody's address holds U+0000, which PostgreSQL cannot be asked about
        let email = email.replacing("\u{0}", with: "\u{fffd}")
        let client = SignInCounters.client(of: peer)
        let counters = SignInCounters(email: email, client: client)
        let pair = SignInTable.Pair(institution: gate.institution.id, client: client, key: counters.pair)
        return try await clients.attempt(pair) {
            let (known, verdict) = try await count(email, counters)
            guard verdict.wait == 0 else {
                clients.observers.tell(SignInsThrottled(cause: verdict.isEverywhere ? "client" : "counters"))
                throw CaseworkError.throttled(retryAfterSeconds: verdict.wait)
            }
            let request = HashingRequest(
                institution: gate.institution.id, client: client, standing: verdict.standing)
            do {
                guard try await passwords.verify(password, against: known?.hash, for: request), let known else {
                    throw CaseworkError.unauthenticated
                }
                return try await goOn(known, counters, request)
            } catch CaseworkError.unauthenticated {
                throw CaseworkError.unauthenticated
            } catch {
                // Nothing was guessed. Where nobody knows what became of the change, the attempt may be given back already.
                if (error as? PostgresError)?.outcomeUnknown != true {
                    try? await gate.evenIfCancelled(counters.refund)
                }
                throw error
            }
        }
    }

    /// An account whose password may be checked.
    struct Known: Sendable, RowDecodable {
        let id: Int
        let hash: String
        let usesCodes: Bool

        init(id: Int, hash: String) {
            self.id = id
            self.hash = hash
            usesCodes = true
        }

        init(row: Row) throws {
            id = try row.get("id")
            hash = try row.get("password_hash")
            usesCodes = try row.get("uses_codes")
        }
    }

    private func count(
        _ email: String, _ counters: SignInCounters
    ) async throws -> (Known?, SignInCounters.Verdict) {
        let account: SQL = """
            select id, password_hash,
                exists (select from authenticators k where k.account_id = accounts.id and k.confirmed_at is not null) as uses_codes
            from accounts
            where lower(email) = lower(\(email.trimmed)) and status = 'active' and password_hash is not null
                and (role <> 'student' or not exists (
                    select from identity_providers p where p.enabled and not p.student_passwords))
            """
        let lock = counters.lock
        let (_, _, known, verdict) = try await gate(lock[0], lock[1], account.optional(Known.self), counters.count)
        return (known, verdict)
    }

    /// Hashes the right password at today's cost, unless the account has another by then. What fails is tried again at the
    /// next sign-in.
    /// - Returns: the hash that is stored now.
    private func renew(_ known: Known, _ password: String, _ request: HashingRequest) async throws -> String {
        let hash = try await passwords.hash(password, for: request)
        let renewal: SQL = "select renew_password_hash(\(known.id)::int, \(known.hash), \(hash))"
        try await gate(renewal.done())
        return hash
    }

    /// Adds a session of each account of a query of `account_id`.
    static func session(_ token: SessionToken, of accounts: SQL, from place: SessionPlace) -> SQL {
        """
        insert into sessions (token_hash, account_id, expires_at, address, program)
        select \(token.hash)::bytea, w.account_id, now() + s.session_absolute_minutes * interval '1 minute',
            \(place.address)::text, \(place.program)::text
        from (\(accounts)) w cross join settings s
        """
    }

    /// Makes a session by a statement, and keeps it if the password that was checked is still the account's.
    /// - Parameter credit: what else the client's success is worth, where a session was made.
    func open(
        _ known: Known, _ counters: SignInCounters, credit: SQL? = nil, by creation: (SessionToken) -> SQL
    ) async throws -> Session {
        let token = SessionToken(kind: .session, institution: gate.institution.id, secret: try Secret.random())
        let credited: SQL = credit.map { ", credited as (\($0))" } ?? ""
        // The foreign key has locked the account by now: a change of password is either seen here, or sees the session.
        let confirmation: SQL = """
            with kept as (
                select s.account_id, s.expires_at from sessions s
                  join accounts a on a.id = s.account_id and a.status = 'active' and a.password_hash = \(known.hash)
                 where s.token_hash = \(token.hash)),
            gone as (delete from sessions where token_hash = \(token.hash) and not exists (select from kept)),
            noted as (
                insert into audit (action, subject) select 'session.create', 'account/' || account_id from kept),
            dated as (
                insert into sign_ins (account_id) select account_id from kept
                on conflict (account_id) do update set at = now()),
            cleared as (\(counters.clear) and exists (select from kept))\(credited)
            select expires_at, \(counters.giveBack) from kept
            """
        let lock = counters.lock
        let expiry: Date?
        do {
            (_, _, _, expiry) = try await gate(
                lock[0], lock[1], creation(token).done(), confirmation.optionalValue(Date.self))
        } catch let error as PostgresError where error.constraint == "sessions_account_id_fkey" {
            expiry = nil  // removed meanwhile
        }
        guard let expiry else { throw CaseworkError.unauthenticated }
        return Session(token: token, expiresAt: expiry)
    }
}
