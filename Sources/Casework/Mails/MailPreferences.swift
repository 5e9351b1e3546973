import Postgres
import Tenancy

/// Which mail somebody wants.
public struct MailPreferences: Sendable, RowDecodable, JSONEncodable {
    /// Whether reminders are wanted.
    public let reminders: Bool
    /// The language of mail, BCP 47; nil: none chosen.
    public let language: String?

    /// Reads `reminders` and `language`.
    public init(row: Row) throws {
        reminders = try row.get("reminders")
        language = try row.get("language")
    }

    /// Reminders are wanted, and no language is chosen.
    init() {
        reminders = true
        language = nil
    }

    /// Writes `{"reminders","language"}`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("reminders", reminders)
            $0.field("language", language)
        }
    }
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
            ("select reminders, language from mail_preferences where account_id = waymark.account_id()" as SQL)
                .optional(MailPreferences.self)
        ).map { $0 ?? MailPreferences() }
    }

    /// Sets what the caller wants.
    public func set(reminders: Bool, language: String?) async throws {
        let sql: SQL = """
            with kept as (
                insert into mail_preferences (account_id, reminders, language)
                values (waymark.account_id(), \(reminders), \(language))
                on conflict (account_id) do update set reminders = excluded.reminders, language = excluded.language
                returning account_id)
            insert into audit (action, subject, after)
            select 'mail.choose', 'account/' || account_id,
                jsonb_build_object('reminders', \(reminders)::bool, 'language', \(language)::text) from kept
            """
        try await work(sql.done())
    }

    /// Ends reminders for whom a mail's link names.
    /// - Throws: `CaseworkError.notFound` for a link that names nobody.
    public func unsubscribe(token: String) async throws {
        let sql: SQL = """
            with found as (update mail_preferences set reminders = false where token = \(token)::text::uuid
                           returning account_id)
            insert into audit (action, subject, after)
            select 'mail.unsubscribe', 'account/' || account_id, jsonb_build_object('reminders', false) from found
            """
        guard Self.isToken(token), try await work(sql.affected()) == 1 else { throw CaseworkError.notFound }
    }

    /// Whether a link's last part has the form of a token: `8-4-4-4-12` hexadecimal digits.
    public static func isToken(_ text: String) -> Bool {
        text.utf8.count == 36 && text.wholeMatch(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) != nil
    }
}
