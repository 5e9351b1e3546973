import Dates
import FoundationEssentials
import Postgres
import Tenancy

/// A report for one admin who was named for it, as it is when the mail is sent.
public struct ReportLetter: Sendable {
    /// Rows that one mail has; the page has more.
    public static let most = 100

    /// The report.
    public let report: Report
    /// What it is about.
    public let filter: ReportFilter
    /// Its rows: one more than `most` where there are more.
    public let lines: [ReportLine]
    /// The institution's name.
    public let institution: String
    /// IANA name of its time zone.
    public let timeZone: String
    /// The day the mail was due, in that zone.
    public let day: CalendarDate
    /// To whom it goes.
    public let recipient: Letter.Recipient
}

extension Outbox {
    /// Adds a mail for each admin whom a report is due for, and says of each report that it is done until now. Of what was missed
    /// while no worker ran, one mail makes up.
    /// - Parameters:
    ///   - now: by the worker's clock.
    ///   - host: what the ids of mails end with.
    /// - Returns: how many were added. Several workers may plan at once: a mail is there once.
    public func planReports(at now: Date, host: String) async throws -> Int {
        let sql: SQL = """
            with due as (
                select r.id, r.recipients,
                    waymark.next_weekly(r.weekday, r.hour, r.planned_until, s.time_zone) as moment
                from mailed_reports r cross join settings s where s.id = 1),
            planned as (
                update mailed_reports r set planned_until = \(now) from due d
                where r.id = d.id and d.moment <= \(now) returning r.id, d.recipients, d.moment)
            insert into mails (account_id, kind, since_at, report_id, message_id, due_at)
            select a.id, 'report', p.moment, p.id,
                'report.' || p.id || '.' || extract(epoch from p.moment)::bigint || '.' || a.id || '@' || \(host)::text,
                \(now)::timestamptz
            from planned p join mail_recipients a on a.id = any (p.recipients) and a.role = 'admin' and a.status = 'active'
            on conflict (report_id, account_id, since_at) where report_id is not null do nothing
            """
        return try await work(sql.affected())
    }

    private struct Order: RowDecodable {
        let name: String
        let filter: ReportFilter
        let institution: String
        let timeZone: String
        let day: CalendarDate
        let recipient: Letter.Recipient

        init(row: Row) throws {
            name = try row.get("report")
            filter = try ReportFilter(row: row)
            institution = try row.get("institution")
            timeZone = try row.get("time_zone")
            day = try row.get("day")
            recipient = try Letter.Recipient(row: row)
        }
    }

    /// What a mail with a report says; nil where the report is not wanted any more, or the recipient no admin: figures go to
    /// nobody who may not see them when they leave.
    func report(of mail: Taken) async throws -> ReportLetter? {
        let order: SQL = """
            select r.report, r.category_id, r.cohort_id, r.group_id, r.from_on, r.to_on, s.name as institution, s.time_zone,
                waymark.day_of(m.since_at, s.time_zone) as day, a.email, a.name, a.language, a.token::text as token
            from mails m
            join mailed_reports r on r.id = m.report_id and m.account_id = any (r.recipients)
            join mail_recipients a on a.id = m.account_id and a.role = 'admin' and a.status = 'active'
            cross join settings s where m.id = \(mail.id) and s.id = 1
            """
        let asked: Order? = try await work(order.optional(Order.self))
        guard let found = asked, let report = Report.bundled.first(where: { $0.name == found.name })
        else { return nil }
        let lines = try await work(report.lines(found.filter, most: ReportLetter.most + 1))
        return ReportLetter(
            report: report, filter: found.filter, lines: lines, institution: found.institution,
            timeZone: found.timeZone, day: found.day, recipient: found.recipient)
    }
}
