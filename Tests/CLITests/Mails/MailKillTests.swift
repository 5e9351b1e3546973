import Foundation
import Postgres
import PrivatePostgres
import Tenancy
import TestSupport
import Testing

/// `waymark work` against a mail server, killed again and again, on a database server of its own.
@Suite(.enabled(if: MailServer.isAvailable, "the Python packages of the mail server cannot be had"))
struct MailKillTests {
    @Test func `a worker killed at any moment loses no mail, and at most one goes out twice, under the same id`()
        async throws
    {
        let (server, directory) = TestServer.make()
        defer {
            server.kill()
            try? FileManager.default.removeItem(atPath: directory)
        }
        let database = try await TestDatabase.prepare(server: try await server.start())
        let place = try await TestInstitution.make(in: database)
        let students = 200
        let cohort = try await place.cohort()
        try await place.run(
            """
            insert into accounts (email, given_name, role)
            select 's' || n || '@example.edu', 'S' || n, 'student' from generate_series(1, \(students)) n
            """)
        try await place.run(
            """
            insert into enrollments (cohort_id, student_id, joined_at)
            select \(cohort.id), id, now() - interval '9 days' from accounts
            """)
        try await place.run(
            """
            insert into milestones (cohort_id, title, due_on, reminders, saved)
            values (\(cohort.id), 'Due', current_date + 1, '{1,2}', true)
            """)
        try await place.run("update settings set student_visibility = true, reminder_hour = 0")

        let mail = try await MailServer()
        let program = WaymarkProgram(environment: ["WAYMARK_DATABASE_PASSWORD": TestDatabase.password])
        let folder = try TemporaryFolder()
        func start() throws -> ChildProcess {
            try program.start(
                [
                    "work", "--database-url", database.serviceURL, "--mail-server",
                    "smtp+plain://localhost:\(mail.port)", "--mail-sender", "reminders@example.edu",
                ], folder: folder)
        }
        var kills = 0
        var worker = try start()
        defer { kill(worker.processIdentifier, SIGKILL) }
        while kills < 10 {
            // on a busy machine all have left before the last kill
            let enough = min(try mail.mails.count + 10, students)
            while try mail.mails.count < enough, worker.isRunning { try await Task.sleep(for: .milliseconds(5)) }
            try #require(worker.isRunning, "\(folder.text("err"))")
            usleep(UInt32.random(in: 0...20_000))
            kill(worker.processIdentifier, SIGKILL)
            _ = try await worker.end()
            kills += 1
            // its lease ends, for it cannot be made longer any more
            try await place.run("update mails set due_at = now() where state = 'sending'")
            worker = try start()
        }
        while try await place.number("select count(*)::int from mails where state <> 'sent'") > 0, worker.isRunning {
            try await Task.sleep(for: .milliseconds(20))
        }
        kill(worker.processIdentifier, SIGTERM)
        #expect(try await worker.end() == 0)
        let mails = try mail.mails
        #expect(Set(mails.map(\.recipient)).count == students, "none is lost")
        #expect(mails.count <= students + kills, "\(mails.count - students) doubles")
        #expect(Set(mails.map(\.messageID)).count == students, "a second copy bears the same id")
        #expect(try await place.number("select count(*)::int from mails") == students)
    }
}
