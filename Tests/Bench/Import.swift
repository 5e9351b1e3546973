import Casework
import Foundation
import Postgres
import Tenancy

extension Bench {
    /// (m) An import that changes the number of every student, again and again, while some of those students sign in and submit, and
    /// a student of another institution looks at the dashboard: their times meanwhile over those before.
    static func importing(_ stage: Stage, port: Int, seconds: Int, students: Int) async throws -> [Line] {
        let (busy, other) = (
            try await stage.migrator.create(slug: "busy", name: "Busy College"),
            try await stage.migrator.create(slug: "other", name: "Other College")
        )
        for place in [busy, other] { try await Stage.fill(place, students: 20, cohorts: 2, migrator: stage.migrator) }
        let registrar = try await Stage.session(of: "admin", at: busy, migrator: stage.migrator)
        let student = try await Stage.sessions(busy, count: 1, migrator: stage.migrator)[0]
        let looker = try await Stage.sessions(other, count: 1, migrator: stage.migrator)[0]
        let password = "four words and more"
        let hash = try await PasswordHasher().hash(password, for: .accounts(of: busy.id))
        let work = stage.migrator.work(in: busy)
        let known: SQL = "update accounts set password_hash = \(hash) where email = 'student2@example.edu'"
        let open: SQL = """
            select min(m.id) from milestones m join enrollments e on e.cohort_id = m.cohort_id
            join accounts a on a.id = e.student_id and a.email = 'student1@example.edu'
            where not exists (select from progress p where p.milestone_id = m.id and p.student_id = a.id)
            """
        let one: SQL = "select id from accounts where email = 'student1@example.edu'"
        let (_, milestone, id) = try await work(known.done(), open.value(Int.self), one.value(Int.self))

        @Sendable func importAll(numbers: String) async throws {
            let file = stage.directory.appendingPathComponent("busy\(numbers).csv")
            var text = "email,given_name,family_name,student_number\n"
            for n in 1...20 { text += "student\(n)@example.edu,Given\(n),Family\(n),\(numbers)-\(n)\n" }
            for n in 0..<students { text += "import\(n)@example.edu,Given\(n),Family\(n),\(numbers)\(n)\n" }
            try text.write(to: file, atomically: true, encoding: .utf8)
            try await upload(file, to: "busy", port: port, token: registrar, directory: stage.directory)
        }
        try await importAll(numbers: "A")
        @Sendable func measure(_ seconds: Int) async throws -> (signIns: Times, steps: Times, dashboards: Times) {
            let steps = ["submit", "withdraw"].map { "/api/v1/milestones/\(milestone)/progress/\(id)/\($0)" }
            async let signIns = steadily(
                "busy", port, paths: ["/api/v1/session"], count: seconds, perSecond: 1, stage.directory,
                signingIn("student2", password))
            async let submissions = steadily(
                "busy", port, paths: steps, count: seconds * 10, perSecond: 10, stage.directory,
                carrying(student) + ["-H", "Content-Type: application/json", "-d", "{\"comment\":\"Done.\"}"])
            async let dashboards = steadily(
                "other", port, paths: ["/api/v1/dashboard"], count: seconds * 50, perSecond: 50, stage.directory,
                carrying(looker))
            return try await (signIns, submissions, dashboards)
        }
        _ = try await measure(2)
        let before = try await measure(seconds)
        let meanwhile = try await during([
            {
                for numbers in ["B", "A"] { try await importAll(numbers: numbers) }
            }
        ]) { try await measure(seconds) }
        func line(_ what: String, _ during: Times, _ before: Times) -> Line {
            Line(
                what: "(m) \(what) during an import of \(students) ÷ before, median", ours: during.description,
                baseline: before.description, ratio: during.percentile(50) / before.percentile(50), aim: "≤ 1.5")
        }
        return [
            line("sign-ins of the same institution", meanwhile.signIns, before.signIns),
            line("submissions of the same institution", meanwhile.steps, before.steps),
            line("dashboards of another", meanwhile.dashboards, before.dashboards),
        ]
    }
}
