import Glibc
import Postgres
import Tenancy

/// What failed sign-ins are counted by, on all servers together. Each of an institution's own counters allows some failures
/// at once and then one more after 1, 4, 9, 16 … minutes, and starts anew after an hour.
///
/// - *Pair*: this client at this address, 10 failures; times run from the last one. A success clears it and leaves a
///   credit of three.
/// - *Client*: one client at all addresses (one password tried on many people), 200; times run from the first one, since
///   in a large house somebody always mistypes.
/// - *Account*: all clients at one address (many machines trying one person), 100, likewise.
///
/// One more counts a client at all institutions: 300, and then one every 12 seconds (`begin_sign_in`).
///
/// So that nobody can lock out somebody else, a client with credit answers for its own pair only: where a person has
/// signed in before, neither the neighbors behind the same router nor an attacker elsewhere can keep them out. Unknown
/// addresses are counted alike. Keys are hashes: the table names nobody.
struct SignInCounters: Sendable {
    /// What is tried, each of which has counters of its own.
    enum Purpose: String, Sendable {
        /// A password.
        case password = ""
        /// Asking for a link by which to choose another.
        case reset
        /// A code, after the password was right.
        case code
    }

    let pair: [UInt8]
    let client: [UInt8]
    let account: [UInt8]

    /// - Parameter client: as `client(of:)` names it.
    init(email: String, client: String, for purpose: Purpose = .password) {
        let address = EmailAddress.folded(email)
        pair = Self.key(purpose.rawValue + "pair", address, client)
        self.client = Self.key(purpose.rawValue + "client", client)
        account = Self.key(purpose.rawValue + "account", address)
    }

    private static func key(_ parts: String...) -> [UInt8] {
        Digest.sha256(Array(parts.joined(separator: "\u{0}").utf8))
    }

    /// The client behind a network address: who holds an IPv6 address holds its whole /64.
    static func client(of peer: String) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        let text = String(peer.prefix { $0 != "%" })
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return peer }
        if bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] {
            return bytes.suffix(4).map { String($0) }.joined(separator: ".")
        }
        return bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
    }

    private var keys: SQL { "\(pair), \(client), \(account)" }

    /// Rows to lock, and the locks, always in the same order.
    var lock: [Query<Void>] {
        let rows: SQL = """
            insert into sign_in_attempts (key) select k from unnest(array[\(keys)]::bytea[]) k order by k
            on conflict (key) do nothing
            """
        let locks: SQL = "select key from sign_in_attempts where key in (\(keys)) order by key for update"
        return [rows.done(), locks.done()]
    }

    /// What the counters say of an attempt.
    struct Verdict: Sendable, RowDecodable {
        /// Seconds until the next attempt may be made; 0: this one may.
        let wait: Int
        /// Whether it is all institutions together that make the client wait.
        let isEverywhere: Bool
        /// How much is known of who asks.
        let standing: HashingRequest.Standing

        /// After so many attempts that did not succeed, or not yet, a client comes after the others.
        private static let failuresOfFailing = 4

        init(row: Row) throws {
            let here: Int = try row.get("wait_here")
            let everywhere: Int? = try row.get("wait_everywhere")
            let failures: Int? = try row.get("failures")
            wait = max(here, everywhere ?? 0)
            isEverywhere = everywhere ?? 0 > 0
            let isFailing = failures ?? 0 >= Self.failuresOfFailing
            standing = try row.get("trusted") ? .trusted : isFailing ? .failing : .ordinary
        }
    }

    /// Counts the attempt as a failure, unless it comes too early: then nothing is counted, so that hammering does not
    /// lengthen anybody's wait; nor is anything kept of the addresses it made up. It locks the client's row for all
    /// institutions, so the transaction should end with it.
    var count: Query<Verdict> {
        let sql: SQL = """
            with now_counted as (
                select t.key, l.own, l.free,
                       case when t.failures > 0 and t.window_start < now() - interval '1 hour' then 0 else t.failures end as failures,
                       t.window_start
                  from (values (\(pair)::bytea, true, 10), (\(client), false, 200), (\(account), false, 100)) l (key, own, free)
                  join sign_in_attempts t on t.key = l.key),
            here as (
                select greatest(coalesce(max(ceil(extract(epoch from
                           least(c.window_start + (c.failures - c.free + 1) ^ 2 * interval '1 minute',
                                 c.window_start + interval '1 hour') - now()))), 0), 0)::int as wait,
                       exists (select from now_counted p where p.own and p.failures < 0) as trusted
                  from now_counted c
                 where c.failures >= c.free
                   and (c.own or not exists (select from now_counted p where p.own and p.failures < 0))),
            everywhere as (
                select e.failures, e.wait from here h, begin_sign_in(\(client), h.trusted) e where h.wait = 0),
            counted as (
                update sign_in_attempts t
                   set failures = c.failures + 1,
                       window_start = case when c.own or c.failures = 0 then now() else c.window_start end
                  from now_counted c, everywhere e
                 where t.key = c.key and e.wait = 0),
            gone as (
                delete from sign_in_attempts t
                 where t.key in (\(keys)) and t.failures = 0 and t.window_start = now()
                   and not exists (select from everywhere e where e.wait = 0))
            select h.wait as wait_here, h.trusted, e.wait as wait_everywhere, e.failures
              from here h left join everywhere e on true
            """
        return sql.one(Verdict.self)
    }

    /// Takes the attempt back: it was none of the client's doing that it failed. The institution's rows are locked first,
    /// as by `count`.
    var refund: Query<Void> {
        let sql: SQL = """
            with refunded as (
                update sign_in_attempts set failures = failures - 1 where key in (\(keys)) and failures > 0 returning 1)
            select \(giveBack) from (select count(*) from refunded) x
            """
        return sql.done()
    }

    /// The client's attempt taken back for all institutions: an expression.
    var giveBack: SQL { "give_back_sign_in(\(client))" }

    /// What a success is worth by which another purpose's attempt was counted: the pair is given credit. In a statement in which
    /// `kept` has a row.
    var credit: SQL {
        """
        insert into sign_in_attempts (key, failures) select \(pair)::bytea, -3 from kept
        on conflict (key) do update set failures = excluded.failures, window_start = now()
        """
    }

    /// After a success: the pair's failures are forgiven and credit given, the others lose the attempt just counted. (If a
    /// success cleared those too, one's own account would be the way to go on guessing at others'.)
    var clear: SQL {
        """
        update sign_in_attempts
           set failures = case when key = \(pair) then -3 else greatest(failures - 1, 0) end,
               window_start = case when key = \(pair) then now() else window_start end
         where key in (\(keys))
        """
    }
}

extension EmailAddress {
    /// The spelling by which addresses are compared. It is the database's: otherwise one account would have many.
    static func folded(_ text: String) -> String { text.trimmed.lowercasedLikeSQL }
}
