import Postgres
import Tenancy

/// Which mail somebody wants.
public struct MailPreferences: Sendable, RowDecodable {
    /// Whether a student wants reminders.
    public let reminders: Bool
    /// Whether somebody who answers wants mail about requests that wait.
    public let requests: Bool
    /// The language of mail, BCP 47; nil: none chosen.
    public let language: String?

    /// Wishes as somebody chose them.
    public init(reminders: Bool, requests: Bool, language: String?) {
        (self.reminders, self.requests, self.language) = (reminders, requests, language)
    }

    /// Reads `reminders`, `requests` and `language`.
    public init(row: Row) throws {
        reminders = try row.get("reminders")
        requests = try row.get("requests")
        language = try row.get("language")
    }

    /// Of whom nothing was chosen: reminders, no mail about requests, no language.
    static let unchosen = MailPreferences(reminders: true, requests: false, language: nil)
}

/// The caller's own wishes about mail, and unsubscribing by a mail's link.
public struct MailPreferenceRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: the caller's; for `unsubscribe` the gate's.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// What the caller wants.
    public static func own() -> Reading<MailPreferences> {
        Reading(
            ("select reminders, requests, language from mail_preferences where account_id = waymark.account_id()" as SQL)
                .optional(MailPreferences.self)
        ).map { $0 ?? .unchosen }
    }

    /// Sets what the caller wants.
    public func set(_ wanted: MailPreferences) async throws {
        let sql: SQL = """
            with kept as (
                insert into mail_preferences (account_id, reminders, requests, language)
                values (waymark.account_id(), \(wanted.reminders), \(wanted.requests), \(wanted.language))
                on conflict (account_id) do update
                    set reminders = excluded.reminders, requests = excluded.requests, language = excluded.language
                returning account_id, reminders, requests, language)
            insert into audit (action, subject, after)
            select 'mail.choose', 'account/' || account_id,
                jsonb_build_object('reminders', reminders, 'requests', requests, 'language', language) from kept
            """
        try await work(sql.done())
    }

    /// Ends all mail for whom a mail's link names.
    /// - Throws: `CaseworkError.notFound` for a link that names nobody.
    public func unsubscribe(token: String) async throws {
        let sql: SQL = """
            with found as (update mail_preferences set reminders = false, requests = false
                           where token = \(token)::text::uuid
                           returning account_id)
            insert into audit (action, subject, after)
            select 'mail.unsubscribe', 'account/' || account_id, jsonb_build_object('reminders', false, 'requests', false) from found
            """
        guard Self.isToken(token), try await work(sql.affected()) == 1 else { throw CaseworkError.notFound }
    }

    /// Whether a link's last part has the form of a token: `8-4-4-4-12` hexadecimal digits.
    public static func isToken(_ text: String) -> Bool {
        text.utf8.count == 36 && text.wholeMatch(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) != nil
    }
}
