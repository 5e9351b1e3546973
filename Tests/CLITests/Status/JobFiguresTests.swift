import Events
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import CLI

/// What `waymark.background_figures` says, on a database of its own.
@Suite struct JobFiguresTests {
    @Test func `what waits and failed last is counted at active institutions, and no longer once it is mended`()
        async throws
    {
        try await StatusGround.with { ground in
            let place = try await TestInstitution.make(in: ground.database)
            let asleep = try await TestInstitution.make(in: ground.database)
            func figures() async throws -> BackgroundFigures {
                try await Sweeper(
                    database: .init(pool: .init(conninfo: ground.database.serviceURL)), observers: .none
                ).sweepAll()
                return try #require(try await ground.database.deployment.backgroundFigures())
            }
            for one in [place, asleep] {
                _ = try await one.person("student")
                try await one.run(
                    """
                    insert into mails (account_id, kind, day, since, message_id, state, due_at)
                    select id, 'reminder', current_date, current_date - 1, 'm', 'waiting', now() from accounts
                    """)
                try await one.run(
                    """
                    update roster_sources set enabled = true, base_url = 'https://x', token_url = 'https://x', client_id = 'c'
                    """)
                try await one.run(
                    "insert into roster_runs (state, started_at, ended_at, fault) values ('failed', now(), now(), 'busy')"
                )
                try await one.run("update import_folders set enabled = true")
                try await one.run(
                    """
                    insert into folder_files (name, state, started_at, ended_at, fault)
                    values ('a', 'done', now(), now(), null), ('b', 'refused', now(), now(), 'name')
                    """)
            }
            #expect(try await figures().foldersFailed == 2)
            try await asleep.run(
                "update waymark.institutions set state = 'suspended' where id = \(asleep.institution.id)")
            let bad = try await figures()
            #expect(bad.mailsWaiting == 1 && bad.mailsFailed == 0 && bad.rostersFailed == 1 && bad.foldersFailed == 1)
            #expect(bad.rostersWaiting == 0 && bad.rosterSeconds == 0 && bad.sweepsWaiting == 0)

            // nobody has swept for an hour
            try await place.run(
                """
                update waymark.institution_figures set noted_at = now() - interval '1 hour'
                where institution_id = \(place.institution.id)
                """)
            let late = try #require(try await ground.database.deployment.backgroundFigures())
            #expect(late.sweepsWaiting == 1 && (2_400..<4_000).contains(late.sweepSeconds))

            // the next of each goes well
            try await place.run("insert into roster_runs (state, started_at, ended_at) values ('done', now(), now())")
            try await place.run(
                "insert into folder_files (name, state, started_at, ended_at) values ('c', 'done', now(), now())")
            let good = try await figures()
            #expect(good.rostersFailed == 0 && good.foldersFailed == 0 && good.sweepsWaiting == 0)
            #expect(good.sweepSeconds == 0)

            // what admins have switched off fails no more
            try await place.run(
                "insert into roster_runs (state, started_at, ended_at, fault) values ('failed', now(), now(), 'busy')")
            #expect(try await figures().rostersFailed == 1)
            try await place.run("update roster_sources set enabled = false")
            #expect(try await figures().rostersFailed == 0)
        }
    }
}
