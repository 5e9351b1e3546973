import Postgres

/// What a mail is about, whosever its texts are.
public enum MailMatter: String, Sendable, CaseIterable, JSONEncodable {
    /// A student's milestones that are due soon.
    case reminder
    /// What waits for an answer of somebody who works here.
    case request
    /// A link for the first password.
    case invitation
    /// A link for another password.
    case reset
    /// Word that the password is another now.
    case password
    /// Word that codes are asked for from now on.
    case codesOn = "codes-on"
    /// Word that codes are not asked for any more.
    case codesOff = "codes-off"
    /// A report, as each week.
    case report

    /// The kind, where its texts may be the institution's own.
    public var kind: MailKind? { MailKind(rawValue: rawValue) }

    /// A mail of this matter for each account: one a day, which goes out again where it has left already.
    /// - Parameters:
    ///   - accounts: a query of `id`.
    ///   - host: what the ids of mails end with.
    ///   - condition: what must hold of a mail of today that has left, `m`, for another to go out.
    /// - Returns: a statement that returns `account_id`; `schedule_work()` belongs behind it.
    func mail(to accounts: SQL, host: String, again condition: SQL = "true") -> SQL {
        """
        insert into mails as m (account_id, kind, day, since, message_id, due_at)
        select x.id, \(rawValue)::text, d.day, d.day - 1,
            \(rawValue)::text || '.' || gen_random_uuid() || '@' || \(host)::text, now()
        from (\(accounts)) x
        cross join (select waymark.day_of(now(), time_zone) as day from settings where id = 1) d
        on conflict (account_id, kind, day) do update
            set state = 'waiting', due_at = excluded.due_at, message_id = excluded.message_id, attempts = 0,
                reason = null, settled_at = null
            where m.settled_at is not null and \(condition)
        returning m.account_id
        """
    }
}
