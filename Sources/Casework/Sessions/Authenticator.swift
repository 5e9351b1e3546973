import FoundationEssentials
import Postgres
import Tenancy

/// What is known of an account's authenticator app.
public struct Authenticator: Sendable, RowDecodable, JSONEncodable {
    /// Since when codes are asked for; nil while it is being set up.
    public let confirmedAt: Date?
    /// How many recovery codes are left.
    public let recoveryCodes: Int
    let seed: String

    /// Reads `columns`.
    public init(row: Row) throws {
        confirmedAt = try row.get("confirmed_at")
        recoveryCodes = try row.get("recovery_codes")
        seed = try row.get("seed")
    }

    static let columns: SQL = "confirmed_at, cardinality(recovery_hashes) as recovery_codes, seed"

    /// Writes `{"confirmedAt","recoveryCodes"}`, which holds no secret.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("confirmedAt", confirmedAt)
            $0.field("recoveryCodes", recoveryCodes)
        }
    }
}

/// The caller's own authenticator, set up in two steps: a secret is made and shown, and a code shows that the app has it.
///
/// It works by the gate, because no role but that one may read a seed. Who asks has entered before.
public struct Authenticators: Sendable {
    private let gate: UnitOfWork
    private let account: Int

    /// - Parameters:
    ///   - gate: the institution's gate (`Deployment.gate(of:)`).
    ///   - account: who asks, as entering has told.
    public init(gate: UnitOfWork, of account: Int) {
        self.gate = gate
        self.account = account
    }

    /// Where the seeds lie.
    public static let seeds = SealedColumn(table: "authenticators", row: "account_id", secret: "seed")

    private var place: SealedPlace { Self.seeds.place(in: gate.institution, row: account) }

    /// What there is; nil where nothing was begun.
    public func find() async throws -> Authenticator? {
        try await gate(
            ("select \(Authenticator.columns) from authenticators where account_id = \(account)" as SQL)
                .optional(Authenticator.self))
    }

    /// Makes a new secret, which counts for nothing until a code has confirmed it.
    /// - Throws: `CaseworkError.conflict` where there is an app already.
    public func begin(_ keys: SecretKeys) async throws -> OneTimeCodes {
        let codes = try OneTimeCodes.random()
        let sealed = try keys.seal(codes.seed, at: place)
        let sql: SQL = """
            insert into authenticators (account_id, seed) values (\(account), \(sealed.text))
            on conflict (account_id) do update set seed = excluded.seed where authenticators.confirmed_at is null
            """
        guard try await gate(sql.affected()) == 1 else { throw CaseworkError.conflict(Refusal(.codesOn)) }
        return codes
    }

    /// The secret of what was begun and is not confirmed.
    /// - Throws: `CaseworkError.notFound` where there is none; `.lacking` where its key is missing.
    public func pending(_ found: Authenticator?, _ keys: SecretKeys) throws -> OneTimeCodes {
        guard let found, found.confirmedAt == nil else { throw CaseworkError.notFound }
        guard let sealed = SealedSecret(found.seed) else { throw CaseworkError.lacking(.secretKey) }
        return OneTimeCodes(seed: try keys.open(sealed, at: place))
    }

    /// Confirms by a code that the app has the secret: from now on codes are asked for.
    /// - Parameters:
    ///   - now: the server's clock.
    ///   - tells: whether a mail says so.
    /// - Returns: recovery codes, which are shown this once.
    /// - Throws: `CaseworkError.invalid` for a wrong code; as `pending`.
    public func confirm(_ code: String, _ keys: SecretKeys, at now: Date, tells: Bool) async throws -> [String] {
        guard case .code(let digits)? = CodeAnswer(code) else { throw CaseworkError.invalid("code", .wrongCode) }
        let found = try await find()
        guard let step = try pending(found, keys).step(of: digits, at: now) else {
            throw CaseworkError.invalid("code", .wrongCode)
        }
        let recovery = try (0..<RecoveryCode.many).map { _ in try RecoveryCode.random() }
        let sql: SQL = """
            with changed as (
                update authenticators
                   set confirmed_at = now(), last_step = \(step), recovery_hashes = \(recovery.hashes)
                 where account_id = \(account) and confirmed_at is null and seed = \(found?.seed) returning account_id),
            noted as (
                insert into audit (action, subject)
                select 'authenticator.create', 'account/' || account_id from changed)
            select true, case when \(tells) then tell_of(account_id, 'codes-on') end from changed
            """
        let done: Bool? = try await gate(sql.optionalValue(Bool.self))
        guard done == true else { throw CaseworkError.notFound }
        return recovery.map(\.text)
    }
}

/// Somebody else's authenticator, for admins and the operator: who has lost the telephone signs in without it, and sets it up anew.
public struct AuthenticatorRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: for the audience `adminInPerson`, or as the operator.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// Whether codes are asked of an account.
    public static func isOn(_ account: Int) -> Reading<Bool> {
        Reading(
            ("""
            select exists (select from authenticators where account_id = \(account) and confirmed_at is not null)
            """ as SQL).value(Bool.self))
    }

    /// Takes it away; codes are not asked for any more.
    /// - Parameter tells: whether a mail says so.
    /// - Throws: `CaseworkError.notFound` where there is none.
    public func takeAway(from account: Int, tells: Bool) async throws {
        let sql: SQL = """
            with gone as (
                delete from authenticators where account_id = \(account) and confirmed_at is not null returning account_id),
            noted as (
                insert into audit (action, subject) select 'authenticator.reset', 'account/' || account_id from gone)
            select true, case when \(tells) then tell_of(account_id, 'codes-off') end from gone
            """
        let done: Bool? = try await work(sql.optionalValue(Bool.self))
        guard done == true else { throw CaseworkError.notFound }
    }
}
