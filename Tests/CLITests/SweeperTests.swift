import Events
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing
import Web

@testable import CLI

/// On a server of their own, and one after another, because each round sweeps everything there is.
@Suite(.serialized) struct SweeperTests {
    private func place() async throws -> TestInstitution {
        try await TestInstitution.make(in: try await TestDatabase.swept.prepared())
    }

    /// Somebody whose session ended so long ago that no form of it is taken back any more.
    private func expired(_ place: TestInstitution) async throws -> TestInstitution.Person {
        let person = try await place.person("staff")
        try await place.run("update sessions set expires_at = now() - interval '8 days'")
        return person
    }

    private func sessions(_ place: TestInstitution) async throws -> Int {
        try await place.owner(SQL("select count(*)::int from sessions").value(Int.self))
    }

    @Test func `a round removes what has expired everywhere, and tells so`() async throws {
        let place = try await self.place()
        _ = try await expired(place)
        let valid = try await self.place()
        _ = try await valid.person("staff")
        let book = EventBook()
        let sweeper = Sweeper(
            database: .init(pool: .init(conninfo: place.database.serviceURL)), observers: book.observers)
        #expect(sweeper.lastRun == nil)
        try await sweeper.sweepAll()
        #expect(try await sessions(place) == 0)
        #expect(try await sessions(valid) == 1)
        let done = try #require(book.events.compactMap { $0 as? SweepDone }.first)
        #expect(done.rows >= 1 && done.institutions >= 2)
        try await sweeper.sweepAll()
        #expect(try await sessions(valid) == 1, "a second round, or a second sweeper, does no harm")
    }

    @Test func `files that nobody said yes to go after their day, with all of their pieces`() async throws {
        let place = try await self.place()
        let admin = try await place.person("admin")
        try await place.run(
            """
            insert into uploads (account_id, name, expires_at) values
              (\(admin.id), 'old', now() - interval '1 second'), (\(admin.id), 'new', now() + interval '1 hour')
            """)
        try await place.run(
            "insert into upload_pieces (upload_id, n, account_id, bytes) select id, 0, account_id, 'x' from uploads")
        try await Sweeper(
            database: .init(pool: .init(conninfo: place.database.serviceURL)), observers: .none
        ).sweepAll()
        #expect(
            try await place.texts("select u.name from uploads u join upload_pieces p on p.upload_id = u.id") == ["new"])
        #expect(try await place.texts("select n::text from upload_pieces").count == 1)
    }

    @Test func `one institution's failure is told with its cause, and the others have their turn`() async throws {
        let broken = try await self.place()
        try await broken.run("alter table sign_in_attempts rename to attempts_of_yesterday")
        let place = try await self.place()
        _ = try await expired(place)
        let book = EventBook()
        let sweeper = Sweeper(
            database: .init(pool: .init(conninfo: place.database.serviceURL)), observers: book.observers)
        try await sweeper.sweepAll()
        try await broken.run("alter table attempts_of_yesterday rename to sign_in_attempts")
        #expect(try await sessions(place) == 0)
        let failures = book.events.compactMap { $0 as? SweepFailed }
        #expect(failures.map(\.institution) == [broken.institution.slug])
        #expect(failures.map(\.cause) == ["database_42P01"])
        #expect(sweeper.lastRun == nil)
    }

    @Test func `clients are forgotten whose failed sign-ins count no more`() async throws {
        let place = try await self.place()
        let key = "\(place.institution.id)"
        try await place.run(
            """
            insert into waymark.sign_in_clients (key, forgotten_at)
            values (sha256(\("old " + key)::bytea), now() - interval '1 second'),
                   (sha256(\("new " + key)::bytea), now() + interval '1 hour')
            """)
        try await Sweeper(
            database: .init(pool: .init(conninfo: place.database.serviceURL)), observers: .none
        ).sweepAll()
        let kept: SQL = """
            select key = sha256(\("new " + key)::bytea) from waymark.sign_in_clients
            where key in (sha256(\("old " + key)::bytea), sha256(\("new " + key)::bytea))
            """
        #expect(try await place.owner(kept.values(Bool.self)) == [true])
    }

    @Test func `the history of files from the folder is kept for 400 days`() async throws {
        let place = try await self.place()
        try await place.run(
            """
            insert into folder_files (name, state, started_at, ended_at, fault) values
              ('old', 'done', now(), now() - interval '401 days', null), ('new', 'done', now(), now() - interval '399 days', null),
              ('asked', 'waiting', now() - interval '500 days', null, 'stopped')
            """)
        try await Sweeper(
            database: .init(pool: .init(conninfo: place.database.serviceURL)), observers: .none
        ).sweepAll()
        #expect(try await place.texts("select name from folder_files order by id") == ["new", "asked"])
    }

    @Test func `mail is kept for 400 days after it was settled`() async throws {
        let place = try await self.place()
        let person = try await place.person("student")
        for (day, days) in [("2024-01-01", 401), ("2024-01-02", 399)] {
            try await place.run(
                """
                insert into mails (account_id, kind, day, since, message_id, state, settled_at)
                values (\(person.id), 'reminder', \(day)::text::date, \(day)::text::date - 1, \(day), 'sent',
                        now() - make_interval(days => \(days)))
                """)
        }
        try await Sweeper(
            database: .init(pool: .init(conninfo: place.database.serviceURL)), observers: .none
        ).sweepAll()
        #expect(try await place.owner(SQL("select message_id from mails").values(String.self)) == ["2024-01-02"])
    }

    @Test func `whoever watches tells that work has waited for an hour`() async throws {
        let place = try await self.place()
        let book = EventBook()
        let watch = JobWatch(
            database: .init(pool: .init(conninfo: place.database.serviceURL)), observers: book.observers,
            sendsMail: true)
        try await place.run(
            """
            update waymark.institutions set work_at = now() - interval '61 minutes' where id = \(place.institution.id)
            """)
        await watch.look()
        watch.warn()
        #expect(book.events.contains { $0 is WorkNeglected })
    }

    @Test func `a database out of reach is told once for the round`() async throws {
        var pool = Pool.Configuration(conninfo: "postgresql://127.0.0.1:1/nowhere")
        pool.waitTimeout = .milliseconds(100)
        let book = EventBook()
        let sweeper = Sweeper(database: .init(pool: pool), observers: book.observers)
        await #expect(throws: PostgresError.self) { try await sweeper.sweepAll() }
        #expect(book.events.count { $0 is SweepFailed } == 1)
    }

    @Test func `serve sweeps unless told not to`() async throws {
        var settings = try await Settings(options: [:], environment: [:], file: nil)
        let usual = settings.flag(.worker)
        #expect(usual)
        settings = try await Settings(options: ["worker": "false"], environment: [:], file: nil)
        let told = settings.flag(.worker)
        #expect(!told)
    }
}
