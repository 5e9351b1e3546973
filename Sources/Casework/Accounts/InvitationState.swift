import FoundationEssentials
import Postgres
import Tenancy

/// How far somebody's invitation is.
public struct InvitationState: Sendable, RowDecodable, JSONEncodable {
    /// The steps of an invitation.
    public enum Step: String, Sendable, CaseIterable, JSONEncodable {
        /// There is no password, and nobody has invited the person.
        case none
        /// The mail is on its way.
        case sending
        /// The mail could not be sent.
        case failed
        /// The link works.
        case invited
        /// Nobody used it in time.
        case expired
        /// There is a password.
        case accepted
    }

    /// How far it is.
    public let step: Step
    /// Since when, where that is known.
    public let at: Date?
    /// Until when the newest link works; nil where there is none, and where the person has a password.
    public let expiresAt: Date?

    /// Reads `invitation_state`, `invitation_at` and `invitation_expires_at`.
    public init(row: Row) throws {
        step = Step(rawValue: try row.get("invitation_state")) ?? .none
        at = try row.get("invitation_at")
        expiresAt = try row.get("invitation_expires_at")
    }

    /// The columns that the initializer reads, of the account of that id: looked up for single rows of a list.
    static func columns(of id: SQL) -> SQL {
        """
        (select i.state from invitation_states i where i.account_id = \(id)) as invitation_state,
        (select i.at from invitation_states i where i.account_id = \(id)) as invitation_at,
        (select i.expires_at from invitation_states i where i.account_id = \(id)) as invitation_expires_at
        """
    }

    /// Writes `{"state","at","expiresAt"}`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("state", step)
            $0.field("at", at)
            $0.field("expiresAt", expiresAt)
        }
    }
}

/// A person, and how far the invitation is.
public struct InvitedAccount: Sendable, RowDecodable {
    /// The person.
    public let account: Account
    /// How far the invitation is.
    public let invitation: InvitationState

    /// Reads both's columns.
    public init(row: Row) throws {
        account = try Account(row: row)
        invitation = try InvitationState(row: row)
    }
}

extension InvitationRepository {
    /// How far an account's invitation is.
    /// - Throws: `CaseworkError.notFound`.
    public static func state(of account: Int) -> Reading<InvitationState> {
        let sql: SQL = """
            select state as invitation_state, at as invitation_at, expires_at as invitation_expires_at
            from invitation_states where account_id = \(account)
            """
        return Reading(sql.optional(InvitationState.self), output: CaseworkError.orNotFound)
    }

    /// How many active people there are at each step.
    public static var counts: Reading<[InvitationState.Step: Int]> {
        let sql: SQL = """
            select i.state, count(*)::int as people
            from invitation_states i join accounts a on a.id = i.account_id and a.status = 'active'
            group by i.state
            """
        return Reading(sql.all(Tally.self)).map { tallies in
            Dictionary(tallies.map { ($0.step, $0.people) }, uniquingKeysWith: +)
        }
    }

    private struct Tally: Sendable, RowDecodable {
        let step: InvitationState.Step
        let people: Int

        init(row: Row) throws {
            step = InvitationState.Step(rawValue: try row.get("state")) ?? .none
            people = try row.get("people")
        }
    }
}
