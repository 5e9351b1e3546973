import Dates
import FoundationEssentials
import Postgres
import Tenancy

/// What became of a mail.
public enum MailState: String, Sendable, CaseIterable, JSONEncodable {
    case waiting, sending, sent, dropped, failed
}

/// A mail as admins see it: to whom, and what became of it.
public struct MailRecord: Sendable, RowDecodable, JSONEncodable {
    /// Number of the mail.
    public let id: Int
    /// What it is about.
    public let kind: MailKind
    /// Whose it is.
    public let accountID: Int
    /// What the person is called.
    public let name: String
    /// Where it goes.
    public let email: String
    /// The day it belongs to, in the institution's zone.
    public let day: CalendarDate
    /// What became of it.
    public let state: MailState
    /// How often sending was tried.
    public let attempts: Int
    /// Why it did not leave the last time it was tried; nil where it did, or was not tried.
    public let reason: String?
    /// When it is tried next; nil where it is settled.
    public let dueAt: Date?

    /// Reads a row of `MailRepository`.
    public init(row: Row) throws {
        id = try row.get("id")
        kind = MailKind(rawValue: try row.get("kind")) ?? .reminder
        accountID = try row.get("account_id")
        name = try row.get("name")
        email = try row.get("email")
        day = try row.get("day")
        state = MailState(rawValue: try row.get("state")) ?? .failed
        attempts = try row.get("attempts")
        reason = try row.get("reason")
        dueAt = try row.get("due_at")
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("kind", kind)
            $0.object("account") {
                $0.field("id", accountID)
                $0.field("name", name)
                $0.field("email", email)
            }
            $0.field("day", day)
            $0.field("state", state)
            $0.field("attempts", attempts)
            $0.field("reason", reason)
            $0.field("dueAt", dueAt)
        }
    }
}

/// The institution's mails, for admins.
public struct MailRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: an admin's.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// Mails, the newest first.
    /// - Parameter state: only those; nil: all.
    public static func list(_ state: MailState?, _ page: PageRequest) throws -> Reading<Page<MailRecord>> {
        let before: SQL = try page.after.map { "m.id < \(try $0.int(0))::bigint" } ?? "true"
        let only: SQL = state.map { "m.state = \($0.rawValue)" } ?? "true"
        let sql: SQL = """
            select m.id, m.kind, m.account_id, a.name, a.email, m.state, m.attempts, m.reason, m.due_at,
                coalesce(m.day, (select waymark.day_of(m.since_at, time_zone) from settings where id = 1)) as day
            from mails m join accounts a on a.id = m.account_id
            where \(only) and \(before) order by m.id desc limit \(page.fetch)
            """
        return Reading(sql.all(MailRecord.self)) { Page($0, page) { Cursor(.int($0.id)) } }
    }

    /// Lets failed mail be sent again, at once.
    /// - Parameter id: one of them; nil: all that failed.
    /// - Returns: how many.
    /// - Throws: `CaseworkError.notFound` where the one has not failed.
    @discardableResult
    public func resend(_ id: Int?) async throws -> Int {
        let one: SQL = id.map { "id = \($0)" } ?? "true"
        let sql: SQL = """
            with again as (
                update mails set state = 'waiting', due_at = now(), settled_at = null, attempts = 0
                where state = 'failed' and \(one) returning id)
            insert into audit (action, subject) select 'mail.resend', 'mail/' || id from again
            """
        let (count, _) = try await work(sql.affected(), ("select schedule_work()" as SQL).done())
        if id != nil, count == 0 { throw CaseworkError.notFound }
        return count
    }
}
