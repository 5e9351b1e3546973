import Casework
import Dates
import Foundation
import HTTPTypes
import Mail
import Postgres
import Synchronization
import Tenancy
import TestSupport
import Testing

@testable import Web

/// Takes mail as a test wants it, and remembers it.
final class RecordingTransport: MailTransport {
    private let state = Mutex<(mails: [ComposedMail], failure: DeliveryFailure?)>(([], nil))
    private let before: @Sendable () async -> Void

    /// - Parameter before: done before a mail is taken over.
    init(before: @escaping @Sendable () async -> Void = {}) { self.before = before }

    var mails: [ComposedMail] { state.withLock { $0.mails } }
    /// Nil: every mail is taken over.
    func fail(_ failure: DeliveryFailure?) { state.withLock { $0.failure = failure } }

    func send(_ mail: ComposedMail) async throws {
        await before()
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            state.mails.append(mail)
        }
    }
}

/// A clock that a test moves.
final class TestClock: Sendable {
    private let moment: Mutex<Date>
    init(_ date: Date) { moment = Mutex(date) }
    var now: Date {
        get { moment.withLock { $0 } }
        set { moment.withLock { $0 = newValue } }
    }
}

/// A cohort with one student whose milestone has a reminder at 08:00 UTC of 2028-03-07, a week before it is due.
struct MailScene {
    static let morning = Date(timeIntervalSince1970: 1_836_028_800)

    let cohort: TestCohort
    let clock: TestClock
    let transport: RecordingTransport
    let worker: MailWorker
    /// What the worker told.
    let book = EventBook()
    var place: TestInstitution { cohort.place }

    static func make(
        _ transport: RecordingTransport = RecordingTransport(), lease: Double = 60
    ) async throws -> MailScene {
        let cohort = try await TestCohort.make()
        try await cohort.place.run(
            "update milestones set title = 'Meet your advisor', due_on = '2028-03-14', reminders = '{7}'")
        try await cohort.place.run("delete from enrollments where student_id = \(cohort.other.id)")
        try await cohort.place.run("update enrollments set joined_at = '2028-01-01T00:00:00Z'")
        return try MailScene(cohort: cohort, transport: transport, lease: lease)
    }

    init(
        cohort: TestCohort, transport: RecordingTransport, lease: Double, clock: TestClock = TestClock(Self.morning)
    ) throws {
        self.cohort = cohort
        self.clock = clock
        self.transport = transport
        var configuration = MailWorker.Configuration(
            transport: transport, sender: "reminders@{institution}.example", domain: "localhost", port: 8443)
        configuration.clock = { clock.now }
        configuration.lease = lease
        worker = try MailWorker(
            deployment: cohort.place.database.deployment, configuration, observers: book.observers)
    }

    /// Another worker, as on another server.
    func another() throws -> MailWorker {
        try MailScene(cohort: cohort, transport: transport, lease: 60, clock: clock).worker
    }

    func work() async throws { _ = try await worker.visit(place.institution) }
    func states() async throws -> [String] { try await place.texts("select state from mails order by id") }
}

@Suite struct MailWorkerTests {
    @Test func `a reminder goes out at the institution's hour, and once`() async throws {
        let scene = try await MailScene.make()
        scene.clock.now = MailScene.morning - 1
        try await scene.work()
        #expect(scene.transport.mails.isEmpty)
        let place = scene.place.institution.id
        #expect(
            try await scene.place.truth(
                "select work_at = \(MailScene.morning) from waymark.institutions where id = \(place)"))
        scene.clock.now = MailScene.morning
        try await scene.work()
        try await scene.work()
        let mail = try #require(scene.transport.mails.first)
        #expect(scene.transport.mails.count == 1)
        #expect(mail.recipient == "a@example.edu")
        #expect(mail.sender == "reminders@\(scene.place.institution.slug).example")
        #expect(
            mail.messageID
                == "reminder.2028-03-07.\(scene.cohort.student.id)@\(scene.place.institution.slug).localhost")
        let text = String(decoding: mail.bytes, as: UTF8.self)
        #expect(text.contains("Subject: Due March 14, 2028: Meet your advisor"))
        #expect(text.contains("- Meet your advisor\r\n  Fall, due March 14, 2028"))
        #expect(text.contains("You get this reminder because you are a student of Test College"))
        let token = try await scene.place.texts("select token::text from mail_preferences")
        let link = "<https://\(scene.place.institution.slug).localhost:8443/unsubscribe/\(token[0])>"
        #expect(text.contains(link))
        #expect(try await scene.states() == ["sent"])
        #expect(
            try await scene.place.truth(
                "select work_at = \(MailScene.morning + 86_400) from waymark.institutions where id = \(place)"))
    }

    @Test func `milestones of two cohorts come in one mail`() async throws {
        let scene = try await MailScene.make()
        _ = try await scene.cohort.milestone("Also due", in: scene.cohort.hidden, dueOn: .init("2028-03-14"))
        try await scene.place.run("update milestones set reminders = '{7}'")
        try await scene.place.run(
            """
            insert into enrollments (cohort_id, student_id, joined_at)
            values (\(scene.cohort.hidden), \(scene.cohort.student.id), '2028-01-01')
            """)
        try await scene.work()
        #expect(scene.transport.mails.count == 1)
        let text = String(decoding: try #require(scene.transport.mails.first).bytes, as: UTF8.self)
        #expect(text.contains("Subject: 2 milestones are due soon"))
        #expect(text.contains("- Meet your advisor") && text.contains("- Also due"))
    }

    /// What happens between planning and sending, and whether the mail still goes out.
    @Test(
        arguments: [
            ("update accounts set status = 'suspended' where role = 'student'", false),
            ("update enrollments set left_at = '2028-03-01'", false),
            ("update cohorts set archived_at = now()", false),
            ("update settings set student_visibility = false", false),
            ("update mail_preferences set reminders = false", false),
            ("update milestones set due_on = '2028-03-06'", false),
            ("update milestones set reminders = '{1}'", false),
            ("update milestones set saved = false", false),
            ("update milestones set title = 'Another title'", true),
            (
                """
                insert into progress (milestone_id, student_id, cohort_id, completion, status)
                select m.id, e.student_id, m.cohort_id, m.completion, 'submitted' from milestones m join enrollments e using (cohort_id)
                """, false
            ),
            (
                """
                insert into progress (milestone_id, student_id, cohort_id, completion, status)
                select m.id, e.student_id, m.cohort_id, m.completion, 'returned' from milestones m join enrollments e using (cohort_id)
                """, true
            ),
        ] as [(String, Bool)])
    func `what is sent holds when it is sent`(change: String, isSent: Bool) async throws {
        let scene = try await MailScene.make()
        let outbox = Outbox(work: try scene.place.database.deployment.system(of: scene.place.institution))
        #expect(try await outbox.plan(at: scene.clock.now, host: "h.example") == 1)
        #expect(try await outbox.plan(at: scene.clock.now, host: "h.example") == 0)
        try await scene.place.owner(SQL(unchecked: change).done())
        try await scene.work()
        #expect(scene.transport.mails.count == (isSent ? 1 : 0))
        #expect(try await scene.states() == [isSent ? "sent" : "dropped"])
    }

    @Test func `a date moved to yesterday and back sends nothing twice`() async throws {
        let scene = try await MailScene.make()
        try await scene.work()
        for date in ["2028-03-06", "2028-03-14", "2028-03-13", "2028-03-14"] {
            try await scene.place.run("update milestones set due_on = \(date)::text::date")
            try await scene.work()
        }
        #expect(scene.transport.mails.count == 1)
        // a later date has reminders of its own
        try await scene.place.run("update milestones set due_on = '2028-03-20'")
        scene.clock.now = MailScene.morning + 6 * 86_400
        try await scene.work()
        #expect(scene.transport.mails.count == 2)
    }

    @Test func `days without a worker are made up for, until the milestone is due`() async throws {
        let scene = try await MailScene.make()
        scene.clock.now = MailScene.morning - 86_400
        try await scene.work()
        scene.clock.now = MailScene.morning + 3 * 86_400
        try await scene.work()
        #expect(scene.transport.mails.count == 1)
        try await scene.place.run("update milestones set due_on = '2028-03-12', reminders = '{1}'")
        scene.clock.now = MailScene.morning + 6 * 86_400
        try await scene.work()
        #expect(scene.transport.mails.count == 1, "on the 13th nothing reminds of the 12th")
    }

    @Test func `a mail that is being sent stays with its worker for longer than a lease`() async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let transport = RecordingTransport {
            start.yield()
            for await _ in released { break }
        }
        let scene = try await MailScene.make(transport, lease: 0.3)
        scene.clock.now = MailScene.morning
        async let working: Void = scene.work()
        for await _ in started { break }
        let first = try await scene.place.texts("select due_at::text from mails")
        // the lease is made longer by the clock, which the test moves
        for step in 1...3 {
            scene.clock.now = MailScene.morning + Double(step) * 10
            while try await scene.place.truth("select max(due_at) <= \(scene.clock.now) from mails") {
                try await Task.sleep(for: .milliseconds(5))
            }
            _ = try await scene.another().visit(scene.place.institution)
        }
        #expect(try await scene.place.texts("select due_at::text from mails") != first)
        release.yield()
        release.finish()
        try await working
        #expect(transport.mails.count == 1)
        #expect(try await scene.states() == ["sent"])
        #expect(try await scene.place.texts("select attempts::text from mails") == ["1"])
    }

    @Test func `a mail whose worker died goes out when the lease ends, under the same id`() async throws {
        let scene = try await MailScene.make()
        let outbox = Outbox(work: try scene.place.database.deployment.system(of: scene.place.institution))
        _ = try await outbox.plan(at: scene.clock.now, host: "h.example")
        let taken = try #require(try await outbox.take(at: scene.clock.now, lease: 60, host: "h.example"))
        try await scene.work()
        #expect(scene.transport.mails.isEmpty)
        scene.clock.now += 60
        try await scene.work()
        #expect(scene.transport.mails.map(\.messageID) == [taken.messageID])
        // the dead one's word counts no more
        try await outbox.settle(taken, .failed(reason: "late"), at: scene.clock.now)
        #expect(try await outbox.extend(taken, at: scene.clock.now, lease: 60) == false)
        #expect(try await scene.states() == ["sent"])
    }

    @Test func `what the server refuses an admin sees and sends again`() async throws {
        let scene = try await MailScene.make()
        scene.transport.fail(DeliveryFailure(.refused, "550 5.1.1 no such mailbox"))
        try await scene.work()
        #expect(scene.book.titles == ["mail_failed refused"])
        let admin = scene.place.client(scene.cohort.admin)
        let list = try await admin.send(.get, "/api/v1/mails?state=failed")
        #expect(list.text.contains(#""reason":"550 5.1.1 no such mailbox""#))
        let page = try await scene.place.browser(of: scene.cohort.admin.id)
        let shown = try await page.get("/mails")
        #expect(shown.text.contains("550 5.1.1 no such mailbox") && shown.text.contains("Send again"))
        scene.transport.fail(nil)
        let id = try await scene.place.number("select id::int from mails")
        #expect(try await admin.send(.post, "/api/v1/mails/\(id)/resend").status == 204)
        #expect(try await admin.send(.post, "/api/v1/mails/\(id)/resend").status == 404)
        #expect(
            try await scene.place.truth(
                "select work_at <= now() from waymark.institutions where id = \(scene.place.institution.id)"))
        try await scene.work()
        #expect(scene.transport.mails.count == 1)
        #expect(try await scene.states() == ["sent"])
    }

    @Test func `a server that is away costs nothing but time`() async throws {
        let scene = try await MailScene.make()
        scene.transport.fail(DeliveryFailure(.unreachable, "nothing listens"))
        try await scene.work()
        #expect(try await scene.states() == ["waiting"])
        #expect(try await scene.place.texts("select reason from mails") == ["nothing listens"])
        #expect(scene.book.titles == ["mail_failed unreachable"])
        try await scene.work()
        #expect(try await scene.place.texts("select attempts::text from mails") == ["1"], "not before its time")
        scene.transport.fail(DeliveryFailure(.deferred, "451 later"))
        scene.clock.now += 60
        try await scene.work()
        scene.transport.fail(nil)
        scene.clock.now += 239
        try await scene.work()
        #expect(scene.transport.mails.isEmpty)
        scene.clock.now += 1
        try await scene.work()
        #expect(scene.transport.mails.count == 1)
    }

    @Test func `an address that no mail can have fails, and the next goes on`() async throws {
        let scene = try await MailScene.make()
        try await scene.place.run("update accounts set email = 'a@é.example' where id = \(scene.cohort.student.id)")
        try await scene.work()
        #expect(try await scene.states() == ["failed"])
    }
}

@Suite struct UnsubscribeTests {
    @Test func `one click ends reminders without signing in, and the account's page brings them back`() async throws {
        let scene = try await MailScene.make()
        try await scene.work()
        let token = try await scene.place.texts("select token::text from mail_preferences")[0]
        let anybody = scene.place.client()
        let page = try await anybody.send(.get, "/unsubscribe/\(token)")
        #expect(page.status == 200 && page.text.contains("<button"))
        #expect(try await scene.place.truth("select reminders from mail_preferences"), "looking changes nothing")
        // as mail programs do: no cookie, no origin
        let done = try await anybody.send(
            .post, "/unsubscribe/\(token)", body: Array("List-Unsubscribe=One-Click".utf8),
            contentType: "application/x-www-form-urlencoded")
        #expect(done.status == 200)
        #expect(try await !scene.place.truth("select reminders from mail_preferences"))
        for wrong in ["x", String(repeating: "a", count: 36), "00000000-0000-0000-0000-000000000000"] {
            let answer = try await anybody.send(
                .post, "/unsubscribe/\(wrong)", body: Array("List-Unsubscribe=One-Click".utf8),
                contentType: "application/x-www-form-urlencoded")
            #expect(answer.status == 404)
        }
        let student = try await scene.place.browser(of: scene.cohort.student.id)
        #expect(try await student.get("/account").text.contains("Remind me by e-mail"))
        _ = try await student.submit("/account/mail", ["reminders": "true", "mailLanguage": "es"], on: "/account")
        #expect(try await scene.place.truth("select reminders and language = 'es' from mail_preferences"))
        try await scene.place.run("delete from mails")
        try await scene.place.run("update turns set done_on = null")
        try await scene.work()
        let last = try #require(scene.transport.mails.last)
        #expect(String(decoding: last.bytes, as: UTF8.self).contains("Content-Language: es"))
    }

    @Test func `the hour of reminders is a setting, and moves what is to be done next`() async throws {
        let scene = try await MailScene.make()
        try await scene.work()
        let admin = scene.place.client(scene.cohort.admin)
        let answer = try await admin.send(
            .patch, "/api/v1/settings", json: #"{"reminderHour":6}"#)
        #expect(answer.status == 200 && answer.text.contains(#""reminderHour":6"#))
        let expected = MailScene.morning + 22 * 3_600
        #expect(
            try await scene.place.truth(
                "select work_at = \(expected) from waymark.institutions where id = \(scene.place.institution.id)"))
        #expect(
            try await admin.send(.patch, "/api/v1/settings", json: #"{"reminderHour":24}"#)
                .status == 422)
    }
}
