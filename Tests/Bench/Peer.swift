import Casework
import Foundation
import Postgres
import Tenancy

extension Bench {
    /// (i) The same work by a peer: a student's dashboard of 20 milestones and 16 people, about 9 kB, over TLS, by this server
    /// and by FastAPI with asyncpg (`peer/server.py`), which has no row security and keeps nothing. Before anything is
    /// measured both must answer the same. And by this server while it keeps nothing either: each time two round trips.
    static func peer(_ stage: Stage, address: String, time: Int) async throws -> [Line] {
        let place = try await stage.migrator.create(slug: "peer", name: "Peer College")
        try await Stage.fill(place, students: 2_000, cohorts: 10, migrator: stage.migrator)
        for statement in people { try await stage.migrator.work(in: place)(statement.done()) }
        let tokens = try await Stage.sessions(place, count: 64, migrator: stage.migrator)
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("peer")
        let environment = stage.directory.appendingPathComponent("peer").path
        try await tool("python3", ["-m", "venv", environment])
        try await tool(
            "\(environment)/bin/pip", ["install", "-q", "-r", folder.appendingPathComponent("requirements.txt").path])
        let port = 20_000 + Int.random(in: 0..<10_000)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "--default-signal", "\(environment)/bin/python", "-m", "uvicorn", "--app-dir", folder.path, "server:app",
            "--port", "\(port)", "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error",
            "--workers", "2", "--ssl-keyfile", "\(stage.directory.path)/key.pem", "--ssl-certfile",
            "\(stage.directory.path)/cert.pem",
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["PEER_DATABASE": stage.superuser, "PEER_SCHEMA": place.schema, "PYTHONDONTWRITEBYTECODE": "1"]
        ) { $1 }
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        let other = "https://127.0.0.1:\(port)"
        func answer(_ address: String, retries: Int) async throws -> NSObject? {
            let text = try await tool(
                "curl",
                [
                    "-sk", "--retry", "\(retries)", "--retry-connrefused", "-H", "Host: peer.localhost", "-H",
                    "Authorization: Bearer \(tokens[0].text)", "\(address)/api/v1/dashboard",
                ])
            return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSObject
        }
        guard let theirs = try await answer(other, retries: 6),
            try await answer(address, retries: 0)?.isEqual(theirs) == true
        else { throw ToolFailure(description: "the peer answers something else") }
        let script = requests(tokens: tokens.map { ("peer", $0.text) }, path: "/api/v1/dashboard")
        var best = (ours: 0.0, theirs: 0.0)
        func load(_ address: String, seconds: Int) async throws -> Double {
            try await wrk(address, seconds: seconds, script: script, directory: stage.directory).perSecond
        }
        for seconds in [2, time, time] {
            best.ours = max(best.ours, try await load(address, seconds: seconds))
            best.theirs = max(best.theirs, try await load(other, seconds: seconds))
        }
        let forgetful = try await serving(stage.deployment, in: stage.directory, kept: KeptContent(limit: 0)) { port in
            _ = try await wrk("https://127.0.0.1:\(port)", seconds: 2, script: script, directory: stage.directory)
            return try await wrk(
                "https://127.0.0.1:\(port)", seconds: time, script: script, directory: stage.directory
            ).perSecond
        }
        func line(_ what: String, _ ours: Double, _ aim: String) -> Line {
            Line(
                what: "(i) the same dashboard, \(what): this server ÷ FastAPI with asyncpg", ours: rate(ours),
                baseline: rate(best.theirs), ratio: ours / best.theirs, aim: aim)
        }
        return [
            line("cohorts' content kept", best.ours, "≥ 3"), line("nothing kept, two round trips", forgetful, ""),
        ]
    }

    /// Eight members for each group, with all that a card may hold.
    private static let people: [SQL] = [
        """
        insert into accounts (email, given_name, family_name, role)
        select 'advisor' || n || '@example.edu', 'Advisor' || n, 'Member', 'staff' from generate_series(1, 30) n
        """,
        """
        insert into cards (account_id, account_role, title, office, phone, location, biography, hours, booking_url, published)
        select id, role, 'Academic Advisor', 'Room ' || id, '+1 555 0100', 'Student Center, 2nd floor',
               'I help first-year students to find their courses, their people and their way around the campus.',
               'Mon to Thu 9-12, Fri by appointment', 'https://booking.example.edu/' || id, true
        from accounts where email like 'advisor%'
        """,
        """
        insert into group_members (group_id, account_id, account_role)
        select g.id, a.id, a.role from groups g join accounts a on a.email like 'advisor%' and a.id % 5 = g.id % 5
        """,
    ]
}
