import FoundationEssentials
import Postgres
import Tenancy

/// The secret address of the caller's calendar, as far as it can be told again.
public struct CalendarFeed: Sendable, RowDecodable, JSONEncodable {
    /// When it was made.
    public let createdAt: Date
    /// What its events are written in, BCP 47.
    public let language: String

    /// Reads `created_at` and `language`.
    public init(row: Row) throws {
        createdAt = try row.get("created_at")
        language = try row.get("language")
    }

    /// Writes `{"createdAt","language"}`.
    public func write(to json: inout JSONWriter) {
        json.object { writeMembers(to: &$0) }
    }

    /// Writes the members alone.
    public func writeMembers(to json: inout JSONWriter) {
        json.field("createdAt", createdAt)
        json.field("language", language)
    }
}

/// The caller's own calendar feed: made, renewed, revoked. Not by API tokens, whose holders are programs.
public struct CalendarFeedRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller, signed in by password.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let columns: SQL = "created_at, language"
    private static let own: SQL = "account_id = waymark.account_id()"

    /// The caller's feed; nil where there is none.
    public static var find: Reading<CalendarFeed?> {
        Reading(("select \(columns) from calendar_feeds where \(own)" as SQL).optional(CalendarFeed.self))
    }

    /// Makes a feed; one that was there ends. Its secret is in the answer and nowhere else.
    /// - Parameter language: of the events, BCP 47.
    public func make(language: String) async throws -> (feed: CalendarFeed, secret: Secret) {
        let secret = try Secret.random()
        let sql: SQL = """
            with new as (
                insert into calendar_feeds (token_hash, language) values (\(secret.hash), \(language))
                returning account_id, \(Self.columns)),
            noted as (
                insert into audit (action, subject, after)
                select 'calendar.create', 'account/' || account_id, jsonb_build_object('language', language) from new)
            select \(Self.columns) from new
            """
        let (_, feed) = try await work(
            ("delete from calendar_feeds where \(Self.own)" as SQL).done(), sql.one(CalendarFeed.self))
        return (feed, secret)
    }

    /// Ends the feed, at once and for good.
    /// - Throws: `CaseworkError.notFound` where there is none.
    public func revoke() async throws {
        let sql: SQL = """
            with old as (delete from calendar_feeds where \(Self.own) returning account_id, language)
            insert into audit (action, subject, before)
            select 'calendar.delete', 'account/' || account_id, jsonb_build_object('language', language) from old
            """
        guard try await work(sql.affected()) == 1 else { throw CaseworkError.notFound }
    }
}
