import Dates
import FoundationEssentials
import Postgres
import Tenancy

/// An institution's mail as the background work sees it: planned, taken one by one under a lease, settled.
///
/// Nothing is planned ahead. At the institution's hour each student with a reminder of that day gets a row, and whoever wants
/// mail about requests gets one when the first of some is made. What a mail says is asked for when it is sent. So whatever
/// was changed, answered or switched off until then needs no cancelling. Likewise a link's secret is made when its mail is
/// taken: it stands nowhere but in the mail.
public struct Outbox: Sendable {
    let work: UnitOfWork

    /// - Parameter work: the system's.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private struct Turn: RowDecodable {
        let since: CalendarDate
        let latest: CalendarDate
        let today: CalendarDate

        init(row: Row) throws {
            since = try row.get("since")
            latest = try row.get("latest")
            today = try row.get("today")
        }
    }

    /// Adds a mail for each student who is to be reminded, if the institution's hour has come. Days on which nobody planned are
    /// made up for, a week of them at most, as long as what they remind of is still to come.
    /// - Parameters:
    ///   - now: by the worker's clock.
    ///   - host: what the ids of mails end with.
    /// - Returns: how many were added. Several workers may plan at once: a mail is there once.
    public func plan(at now: Date, host: String) async throws -> Int {
        let due: SQL = """
            select greatest(coalesce(t.done_on, x.today - 1), x.today - 7) as since, x.latest, x.today
            from turns t cross join (
                select y.today, case when waymark.reminder_moment(y.today, y.reminder_hour, y.time_zone) <= \(now)
                    then y.today else y.today - 1 end as latest
                from (select s.reminder_hour, s.time_zone, waymark.day_of(\(now), s.time_zone) as today from settings s where s.id = 1) y) x
            where t.work = 'reminders' and (t.done_on is null or t.done_on < x.latest)
            """
        let found: Turn? = try await work(due.optional(Turn.self))
        guard let turn = found else { return 0 }
        let added: SQL = """
            insert into mails (account_id, kind, day, since, message_id, due_at)
            select distinct r.student_id, 'reminder', \(turn.latest)::date, \(turn.since)::date,
                'reminder.' || \(turn.latest.description)::text || '.' || r.student_id || '@' || \(host)::text, \(now)::timestamptz
            from due_reminders r
            where r.day > \(turn.since) and r.day <= \(turn.latest) and r.due_on >= \(turn.today)
            on conflict (account_id, kind, day) do nothing
            """
        let tokens: SQL = """
            insert into mail_preferences (account_id)
            select account_id from mails where kind = 'reminder' and day = \(turn.latest) and due_at is not null
            on conflict (account_id) do nothing
            """
        let done: SQL = "update turns set done_on = \(turn.latest) where work = 'reminders'"
        return try await work(added.affected(), tokens.affected(), done.affected()).0
    }

    /// Adds a mail for everybody who has asked for another password within the last hour and has an address here. Of one who
    /// asks again and again a mail goes out every five minutes.
    /// - Parameter host: what the ids of mails end with.
    /// - Returns: how many were added.
    public func answerResets(host: String) async throws -> Int {
        let asking: SQL = """
            select r.id from reset_recipients r
            where r.address = any(array(select address from asked where asked_at > now() - interval '1 hour'))
            """
        let again: SQL = "m.settled_at < now() - interval '5 minutes'"
        let sql: SQL = """
            with asked as (delete from reset_requests returning address, asked_at),
            told as (\(MailMatter.reset.mail(to: asking, host: host, again: again)))
            insert into audit (action, subject) select 'reset.create', 'account/' || account_id from told
            """
        return try await work(sql.affected())
    }

    /// A mail that is this worker's until `lease` ends.
    public struct Taken: Sendable, RowDecodable {
        /// Number of the mail.
        public let id: Int
        /// What it is about.
        public let matter: MailMatter
        /// How often it was taken, this time included.
        public let attempts: Int
        /// Without angle brackets.
        public let messageID: String
        let account: Int
        /// Of reminders: those after the one day, up to the other.
        let days: (after: CalendarDate, last: CalendarDate)?
        /// Of requests: those that came since then; of a report: when it was due.
        let since: Date?
        let lease: String
        /// Of the link, where the mail is to have one.
        fileprivate(set) var secret: Secret?

        /// Reads a row of `mails`.
        public init(row: Row) throws {
            id = try row.get("id")
            matter = MailMatter(rawValue: try row.get("kind")) ?? .reminder
            attempts = try row.get("attempts")
            messageID = try row.get("message_id")
            account = try row.get("account_id")
            let after: CalendarDate? = try row.get("since")
            let last: CalendarDate? = try row.get("day")
            days = after.flatMap { after in last.map { (after, $0) } }
            since = try row.get("since_at")
            lease = try row.get("lease")
        }
    }

    /// Takes the mail that has waited longest, also one whose worker let its lease end.
    /// - Parameters:
    ///   - lease: seconds.
    ///   - host: what the ids of mails end with.
    /// - Returns: nil where nothing is due.
    public func take(at now: Date, lease: Double, host: String) async throws -> Taken? {
        let end = now.addingTimeInterval(lease)
        let secret = try Secret.random()
        let sql: SQL = """
            with due as (
                select id from mails where due_at <= \(now) order by due_at, id limit 1 for update skip locked)
            update mails m set state = 'sending', attempts = m.attempts + 1, due_at = \(end), collects = false,
                lease = \(UUID().uuidString)::text::uuid,
                link_hash = case when m.kind in ('invitation', 'reset', 'codes-on', 'codes-off', 'report') then \(secret.hash)::bytea end
            from due where m.id = due.id
            returning m.id, m.kind, m.attempts, m.account_id, m.day, m.since, m.since_at, m.lease::text as lease,
                m.message_id || case m.kind when 'request' then '@' || \(host)::text else '' end as message_id
            """
        var taken: Taken? = try await work(sql.optional(Taken.self))
        taken?.secret = secret
        return taken
    }

    /// Makes the lease end later.
    /// - Returns: false where it has ended already and somebody else has the mail.
    public func extend(_ mail: Taken, at now: Date, lease: Double) async throws -> Bool {
        let sql: SQL = """
            update mails set due_at = \(now.addingTimeInterval(lease))
            where id = \(mail.id) and lease = \(mail.lease)::text::uuid
            """
        return try await work(sql.affected()) == 1
    }

    /// What a taken mail is to say, of what holds now; nil where nothing holds any more.
    public func letter(_ mail: Taken, at now: Date) async throws -> Outgoing? {
        if let kind = mail.matter.kind { return try await letter(mail, of: kind, at: now).map(Outgoing.list) }
        if mail.matter == .report { return try await report(of: mail).map(Outgoing.report) }
        return try await access(mail).map(Outgoing.access)
    }

    private func recipient(of mail: Taken) -> Query<Letter.Recipient?> {
        ("""
        select email, name, language, token::text as token from mail_recipients where id = any(\([mail.account]))
        """ as SQL).optional(Letter.Recipient.self)
    }

    private func access(_ mail: Taken) async throws -> AccessLetter? {
        let link: SQL = "select make_link(\(mail.id)::bigint, \(mail.lease)::text::uuid) as until"
        let place: SQL = "select name, time_zone from settings where id = 1"
        let (found, until, institution) = try await work(
            recipient(of: mail), link.value(Date?.self), place.one(Place.self))
        guard let found else { return nil }
        let matter: AccessLetter.Matter
        switch (mail.matter, mail.secret, until, mail.days?.last) {
        case (.password, _, _, let day?): matter = .passwordChanged(day)
        case (.codesOn, _, _, let day?): matter = .codes(isOn: true, day)
        case (.codesOff, _, _, let day?): matter = .codes(isOn: false, day)
        case (.reset, let secret?, let until?, _): matter = .reset(secret, until: until)
        case (.invitation, let secret?, let until?, _): matter = .invitation(secret, until: until)
        default: return nil
        }
        return AccessLetter(
            matter: matter, institution: institution.name, timeZone: institution.timeZone, recipient: found)
    }

    private struct Place: RowDecodable {
        let name: String
        let timeZone: String

        init(row: Row) throws {
            name = try row.get("name")
            timeZone = try row.get("time_zone")
        }
    }

    private func letter(_ mail: Taken, of kind: MailKind, at now: Date) async throws -> Letter? {
        let institution: SQL = "select name from settings where id = 1"
        let templates: SQL = "select \(MailTemplate.columns) from \(kind.templates)"
        let (found, name, texts, contents) = try await work.read(
            Reading(recipient(of: mail)), Reading(institution.value(String.self)),
            Reading(templates.all(MailTemplate.self)), contents(of: mail, kind, at: now))
        guard let found, let contents else { return nil }
        return Letter(institution: name, recipient: found, contents: contents, templates: texts)
    }

    /// What a mail names; nil where that is nothing.
    private func contents(of mail: Taken, _ kind: MailKind, at now: Date) -> Reading<Letter.Contents?> {
        if kind == .request {
            let requests: SQL = """
                select kind, student, title, cohort from due_requests
                where account_id = any(\([mail.account])) and at >= \(mail.since) order by at, milestone_id, student_id
                """
            return Reading(requests.all(Letter.Request.self)).map { $0.isEmpty ? nil : .requests($0) }
        }
        let reminders: SQL = """
            select distinct on (due_on, milestone_id) milestone_id, title, cohort, due_on
            from due_reminders
            where student_id = any(\([mail.account])) and day > \(mail.days?.after) and day <= \(mail.days?.last)
                and due_on >= (select waymark.day_of(\(now), time_zone) from settings where id = 1)
            order by due_on, milestone_id
            """
        return Reading(reminders.all(Letter.Reminder.self)).map { $0.isEmpty ? nil : .reminders($0) }
    }

    /// Tells those who answer in a cohort, and want mail of it, that a student's request waits: at the end of the student's
    /// transaction.
    /// - Parameter asked: FROM and WHERE of the row with the request, of which there is one only where it was made just now.
    static func announce(_ asked: SQL) -> Query<Void> {
        SQL("select announce_requests(array_agg(cohort_id)) \(asked)").done()
    }

    /// What became of a taken mail.
    public enum Outcome: Sendable, Equatable {
        /// The mail server has it; it reminded of these milestones.
        case sent(milestones: [Int])
        /// Nothing that it was to say holds any more.
        case dropped
        /// It is tried again at that moment.
        case postponed(until: Date, reason: String)
        /// Only an admin may have it sent again.
        case failed(reason: String)
    }

    /// Settles a taken mail, or puts it back; also where the caller's task is cancelled. Does nothing where somebody else has
    /// the mail by now.
    public func settle(_ mail: Taken, _ outcome: Outcome, at now: Date) async throws {
        let change: SQL =
            switch outcome {
            case .sent(let milestones):
                """
                state = 'sent', due_at = null, reason = null, milestone_ids = \(milestones), settled_at = \(now)
                """
            case .dropped: "state = 'dropped', due_at = null, reason = null, settled_at = \(now)"
            case .postponed(let date, let reason):
                "state = 'waiting', due_at = \(date), reason = \(reason)"
            case .failed(let reason): "state = 'failed', due_at = null, reason = \(reason), settled_at = \(now)"
            }
        _ = try await work.evenIfCancelled(
            ("update mails set lease = null, \(change) where id = \(mail.id) and lease = \(mail.lease)::text::uuid"
                as SQL)
                .affected())
    }

    /// Says in the platform's directory when there is something to do next.
    public func schedule() async throws {
        try await work(("select schedule_work()" as SQL).done())
    }
}
