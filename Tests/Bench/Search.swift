import Casework
import Foundation
import Postgres
import Tenancy

extension Bench {
    /// (l) Search of 200,000 accounts as people type it: two letters, three, a full name, and what nobody is called; the page of
    /// accounts and the page of students, one request after another.
    static func search(_ stage: Stage, address: String, accounts: Int, time: Int) async throws -> [Line] {
        let large = try await stage.migrator.create(slug: "large", name: "Large College")
        try await Stage.fill(large, students: 20, cohorts: 2, migrator: stage.migrator)
        // as many different names as there are: 40 given ones, 32,000 family ones of three syllables
        let people: SQL = """
            insert into accounts (email, given_name, family_name, role, student_number)
            select 'p' || n || '@example.edu', g[1 + n % 40],
                   initcap(s[1 + n % 32] || s[1 + n / 32 % 32] || s[1 + n / 1024 % 32]), 'student', 'P' || n
            from generate_series(1, \(accounts)::int) n,
                 (select string_to_array('María José Ana Luis Elena Jorge Lucía Pablo Carmen Diego Emma Liam Olivia Noah Ava Ethan Mia '
                    || 'Lucas Amelia Mason Wei Ming Hana Yuki Aisha Omar Fatima Ali Chidi Ngozi Kwame Ama Ivan Olga Sven Astrid '
                    || 'Priya Arjun Zoë Renée', ' ') as g,
                  string_to_array('ma mo mi re ri ro sa so si ta to ti la lo li na no ni ka ko ki va vo vi da do di ba bo be gu pe',
                    ' ') as s) x
            """
        try await stage.migrator.work(in: large)(people.done())
        try await stage.migrator.pool.exclusive { connection in
            try await connection.execute(script: "set role waymark_owner")
            try await connection.execute(script: "vacuum (analyze) \(large.schema).accounts")
        }
        let token = try await Stage.session(of: "admin", at: large, migrator: stage.migrator)
        var lines: [Line] = []
        for (what, text) in [
            ("two letters", "ma"), ("three letters", "mar"), ("a full name", "Zo%C3%AB%20Tasoma"),
            ("two letters of nobody", "qx"), ("three letters of nobody", "qxw"),
        ] {
            for page in ["accounts", "students"] {
                let script = requests(tokens: [("large", token.text)], path: "/\(page)?q=\(text)", byCookie: true)
                func load(_ seconds: Int) async throws -> Load {
                    try await wrk(
                        address, seconds: seconds, script: script, connections: 1, directory: stage.directory)
                }
                _ = try await load(1)
                let found = try await load(max(time / 2, 2))
                lines.append(
                    Line(
                        what: "(l) \(what) among \(accounts) \(page)",
                        ours: String(format: "p50 %.1f ms, p99 %.1f ms", found.median, found.late), baseline: "100 ms",
                        ratio: found.median / 100, aim: "≤ 1"))
            }
        }
        return lines
    }
}
