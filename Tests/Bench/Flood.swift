import Casework
import Foundation
import Postgres
import Tenancy

extension Bench {
    /// (g) 64 connections try unknown addresses at one institution, and at another an import changes the number of every
    /// student, again and again, while a second one's staff sign in and a third one's student looks at the dashboard, at a
    /// small steady rate: their times meanwhile over those before. A hash takes nearly half a second, so a hundred
    /// sign-ins need most of a minute.
    static func flood(_ stage: Stage, port: Int, signIns: Int, students: Int) async throws -> [Line] {
        let time = signIns / 2
        let second = try await stage.migrator.create(slug: "second", name: "Second College")
        let third = try await stage.migrator.create(slug: "third", name: "Third College")
        for place in [second, third] { try await Stage.fill(place, students: 20, cohorts: 2, migrator: stage.migrator) }
        let token = try await Stage.sessions(third, count: 1, migrator: stage.migrator)[0]
        let password = "four words and more"
        let hash = try await PasswordHasher().hash(password, for: .accounts(of: second.id))
        let change: SQL = "update accounts set password_hash = \(hash) where email = 'staff4@example.edu'"
        try await stage.migrator.work(in: second)(change.done())

        let fourth = try await stage.migrator.create(slug: "fourth", name: "Fourth College")
        let admin: SQL = """
            insert into accounts (email, given_name, family_name, role) values ('a@example.edu', 'A', 'B', 'admin')
            """
        try await stage.migrator.work(in: fourth)(admin.done())
        let registrar = try await Stage.session(of: "admin", at: fourth, migrator: stage.migrator)
        @Sendable func importAll(numbers: String) async throws {
            let file = stage.directory.appendingPathComponent("numbers\(numbers).csv")
            var text = "email,given_name,family_name,student_number\n"
            for n in 0..<students { text += "import\(n)@example.edu,Given\(n),Family\(n),\(numbers)\(n)\n" }
            try text.write(to: file, atomically: true, encoding: .utf8)
            try await upload(file, to: "fourth", port: port, token: registrar, directory: stage.directory)
        }
        try await importAll(numbers: "A")

        @Sendable func signIn(_ count: Int) async throws -> Times {
            try await steadily(
                "second", port, paths: ["/api/v1/session"], count: count, perSecond: 2, stage.directory,
                signingIn("staff4", password))
        }
        @Sendable func look(_ count: Int) async throws -> Times {
            try await steadily(
                "third", port, paths: ["/api/v1/dashboard"], count: count, perSecond: 50, stage.directory,
                carrying(token))
        }
        _ = try await (signIn(8), look(200))
        async let before = (signIn(signIns), look(time * 50))
        let (signInsBefore, dashboardsBefore) = try await before
        let script = stage.directory.appendingPathComponent("flood.lua")
        try """
        local n = 0
        request = function()
          n = n + 1
          local body = string.format('{"email":"x%d-%d@example.edu","password":"wrong wrong wrong"}', n, math.random(1e9))
          return wrk.format("POST", "/api/v1/session",
            {["Host"] = "bench.localhost", ["Content-Type"] = "application/json"}, body)
        end
        """.write(to: script, atomically: true, encoding: .utf8)
        @Sendable func flood() async throws {
            try await tool("wrk", ["-t1", "-c64", "-d5s", "-s", script.path, "https://127.0.0.1:\(port)"])
        }
        @Sendable func imports() async throws {
            for numbers in ["B", "A"] { try await importAll(numbers: numbers) }
        }
        func lines(_ what: String, aim: String, _ load: [@Sendable () async throws -> Void]) async throws -> [Line] {
            let (entering, looking) = try await during(load) {
                async let both = (signIn(signIns), look(time * 50))
                return try await both
            }
            return [
                line("sign-in at a second institution during \(what)", entering, signInsBefore, aim),
                line("dashboard of a third during \(what)", looking, dashboardsBefore, aim),
            ]
        }
        @Sendable func spin() async throws {
            try await tool("sh", ["-c", "timeout 5 sh -c 'while :; do :; done'; true"])
        }
        let busyLoops = Array(repeating: spin, count: ProcessInfo.processInfo.activeProcessorCount)
        // what the two do together is what is aimed at; what each does alone says where it comes from, and loops that have nothing
        // to do with Waymark say what a machine without a free core does to anybody
        return try await lines("a flood of sign-ins and an import", aim: "≤ 2", [flood, imports])
            + lines("the flood alone", aim: "", [flood]) + lines("the import alone", aim: "", [imports])
            + lines("a busy loop on each core", aim: "", busyLoops)
    }

    private static func line(_ what: String, _ during: Times, _ before: Times, _ aim: String) -> Line {
        Line(
            what: "(g) \(what) ÷ before, p99", ours: during.description,
            baseline: before.description, ratio: during.percentile(99) / before.percentile(99), aim: aim)
    }
}
