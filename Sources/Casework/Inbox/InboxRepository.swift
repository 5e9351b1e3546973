import FoundationEssentials
import Postgres
import Tenancy

/// Everybody's own inbox. What is in it is derived by the view `inbox`; only what is read is kept.
public struct InboxRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// Where `unread` ends.
    public static let mostCounted = 100

    /// How many entries are unread, at most `mostCounted`.
    public static var unread: Reading<Int> {
        Reading(
            ("select count(*)::int from (select from inbox where unread limit \(mostCounted)) i" as SQL).value(Int.self)
        )
    }

    /// The entries, newest first.
    /// - Parameter unreadOnly: leaves out what is read.
    public static func list(unreadOnly: Bool, _ page: PageRequest) throws -> Reading<Page<InboxEntry>> {
        var sql: SQL = """
            select i.entry, i.kind, i.at, i.unread, i.word, i.cohort_id, i.cohort, i.milestone_id, i.title, i.student_id,
                   i.group_name, i.comment, i.number,
                   coalesce((select d.name from directory d where d.id = i.actor_id),
                            (select s.name from students s where s.id = i.actor_id)) as person
              from (select entry, kind, at, unread, word, cohort_id, cohort, milestone_id, title, student_id, group_name, comment,
                           number, actor_id
                      from inbox where (unread or not \(unreadOnly)::boolean)
            """
        if let cursor = page.after { sql += " and (at, entry) < (\(try moment(cursor)), \(try cursor.text(1)))" }
        sql += " order by at desc, entry desc limit \(page.fetch)) i order by i.at desc, i.entry desc"
        return Reading(sql.all(InboxEntry.self)) {
            Page($0, page) { Cursor(.int(Int(($0.at.timeIntervalSince1970 * 1_000).rounded())), .text($0.id)) }
        }
    }

    /// Marks entries as read; such as are not in the inbox any more are no matter.
    /// - Parameter entries: their ids; at most 200.
    public func markRead(_ entries: [String]) async throws {
        try await work(
            SQL(
                """
                insert into inbox_reads (entry)
                select distinct i.entry from inbox i where i.entry = any (\(entries)::text[])
                on conflict (account_id, entry) do nothing
                """
            ).done())
    }

    /// Marks everything as read that had come by a moment: what came since is not.
    public func markRead(until moment: Date) async throws {
        _ = try await work(
            SQL(
                """
                insert into inbox_reads as r (entry, at) values ('', least(\(moment)::timestamptz, now()))
                on conflict (account_id, entry) do update set at = greatest(r.at, excluded.at)
                """
            ).done(),
            SQL("delete from inbox_reads where entry <> '' and at <= \(moment)::timestamptz").done())
    }

    /// The moment of a cursor: milliseconds of the years 1970 to 9999.
    private static func moment(_ cursor: Cursor) throws -> SQL {
        let millis = try cursor.int(0)
        guard (0..<253_402_300_800_000).contains(millis) else { throw Cursor.refusal }
        return "\(Date(timeIntervalSince1970: Double(millis) / 1_000))::timestamptz"
    }
}
