import Casework
import Foundation
import Mail
import Postgres
import Tenancy
import Web

extension Bench {
    /// (k) Reminders planned, and composed and sent one by one, each recorded before the next; against the files alone, written
    /// by the same transport. And what an idle worker asks every five seconds where 10,000 institutions have nothing due.
    static func mails(_ stage: Stage, count: Int) async throws -> [Line] {
        let place = try await stage.migrator.create(slug: "mails", name: "Mail College")
        let owner = stage.migrator.work(in: place)
        let statements: [SQL] = [
            """
            insert into accounts (email, given_name, role)
            select 'mail' || n || '@example.edu', 'Given' || n, 'student' from generate_series(1, \(count)::int) n
            """,
            "insert into cohort_categories (name) values ('First-Year Students')",
            "insert into cohorts (category_id, name) select id, 'Fall' from cohort_categories",
            """
            insert into enrollments (cohort_id, student_id, joined_at)
            select c.id, a.id, now() - interval '9 days' from cohorts c cross join accounts a
            """,
            """
            insert into milestones (cohort_id, title, due_on, reminders, saved)
            select id, 'Meet your advisor', current_date + 1, '{1}', true from cohorts
            """,
            "update settings set student_visibility = true, reminder_hour = 0",
        ]
        for statement in statements { try await owner(statement.done()) }
        let outbox = Outbox(work: try stage.deployment.system(of: place))
        let planning = try await seconds { _ = try await outbox.plan(at: Date(), host: "mails.localhost") }
        let directory = stage.directory.appendingPathComponent("mails").path
        let transport = DirectoryTransport(directory: directory)
        let worker = try MailWorker(
            deployment: stage.deployment,
            .init(transport: transport, sender: "reminders@example.edu", domain: "localhost"))
        let sending = try await seconds { while try await worker.visit(place) {} }
        let files = try FileManager.default.contentsOfDirectory(atPath: directory).count
        guard files == count else { throw ToolFailure(description: "\(files) of \(count) mails were sent") }
        let alone = try MailMessage(
            from: Mailbox(name: "Mail College", address: "reminders@example.edu"),
            to: Mailbox(name: "Given", address: "mail@example.edu"), subject: "Due", text: "Hello",
            html: "<p>Hello</p>",
            messageID: "alone@mails.localhost", date: Date(), language: "en"
        ).composed()
        let writing = try await seconds { for _ in 0..<count { try await transport.send(alone) } }

        let directoryRows: SQL = """
            insert into waymark.institutions (slug, partition, state, work_at)
            select 'idle' || n, 1, 'active', now() + interval '1 day' from generate_series(1, 10000) n
            """
        let superuser = try await Connection.connect(conninfo: stage.superuser, connectTimeout: .seconds(10))
        _ = try await superuser.batch([Statement(directoryRows), Statement("analyze waymark.institutions")])
        let looks = 500
        let looking = try await seconds {
            for _ in 0..<looks { _ = try await stage.deployment.institutions(dueBy: Date() - 3_600) }
        }
        _ = try await superuser.batch([Statement("delete from waymark.institutions where slug like 'idle%'")])
        await superuser.close()
        let (planned, sent, written) = (Double(count) / planning, Double(count) / sending, Double(count) / writing)
        let look = looking / Double(looks)
        return [
            Line(
                what: "(k) reminders planned", ours: rate(planned), baseline: rate(1_000), ratio: planned / 1_000,
                aim: "≥ 1"),
            Line(
                what: "(k) reminders composed, sent and recorded one by one, against the files alone", ours: rate(sent),
                baseline: rate(written), ratio: sent / written, aim: ""),
            Line(
                what: "(k) an idle worker's look at 10,000 institutions, of its five seconds",
                ours: String(format: "%.2f ms", look * 1_000), baseline: "5,000 ms", ratio: look / 5, aim: "≤ 0.01"),
        ]
    }
}
