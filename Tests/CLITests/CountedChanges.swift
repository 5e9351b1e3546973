import Foundation
import Postgres
import Synchronization
import Tenancy
import TestSupport
import Testing

/// What was answered, by the name of the change.
final class AnswerBook: Sendable {
    private let written = Mutex((answers: [String: String](), isOver: false))

    var answers: [String: String] { written.withLock { $0.answers } }
    var isOver: Bool { written.withLock { $0.isOver } }

    func note(_ name: String, _ text: String) { written.withLock { $0.answers[name] = text } }

    func close() { written.withLock { $0.isOver = true } }

    /// Work goes on between two deaths.
    func waitForMore() async throws {
        let enough = answers.count + 16
        while answers.count < enough { try await Task.sleep(for: .milliseconds(5)) }
    }
}

/// Changes that would show if they were made twice, each with its name as key: alternately a milestone, in one step, and a
/// file, in several.
struct CountedChanges: Sendable {
    private let client: SecureClient
    private let book = AnswerBook()
    private let cohort: Int
    /// Some, by writer.
    let milestones: [Int]

    init(to college: TestInstitution, by client: SecureClient) async throws {
        self.client = client
        (_, cohort) = try await college.owner(
            SQL("insert into cohort_categories (name) values ('First-Year')").done(),
            SQL("insert into cohorts (category_id, name) select id, 'Fall' from cohort_categories returning id")
                .value(Int.self))
        // one for the files of each writer, since a milestone takes 50
        milestones = try await college.owner(
            SQL(
                """
                insert into milestones (cohort_id, title, saved)
                select \(cohort), 'Meet', true from generate_series(1, 8) returning id
                """
            ).values(Int.self))
    }

    /// Eight writers make changes while `body` runs, and finish what they have begun.
    func make(while body: (AnswerBook) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for number in 0... {
                        if book.isOver { break }
                        let name = "w\(writer)-\(number)"
                        book.note(name, try await answer(name))
                    }
                }
            }
            try await body(book)
            try await book.waitForMore()
            book.close()
            try await group.waitForAll()
        }
    }

    /// Now that nothing runs any more every key has its answer, the one that was given, and is stored once.
    /// - Parameter owner: sees all that is stored.
    func expectOneEffectEach(in owner: UnitOfWork) async throws {
        let answers = book.answers
        for (name, text) in answers {
            let again = try await send(name)
            #expect(again.status == 201 && again.text == text, "\(name): \(again.status) \(again.text)")
        }
        let stored = try await owner(
            SQL(
                """
                select title from milestones where title <> 'Meet'
                union all select name from milestone_files where complete
                """
            ).values(String.self))
        #expect(stored.count == answers.count)
        #expect(Set(stored) == Set(answers.keys))
    }

    private func send(_ name: String) async throws -> TestClient.Answer {
        if let last = name.last?.wholeNumberValue, last % 2 == 1 {
            let milestone = milestones[name.dropFirst().first?.wholeNumberValue ?? 0]
            return try await client.send(
                "POST", "/milestones/\(milestone)/files", body: name, contentType: "text/plain",
                headers: ["Idempotency-Key": name, "Content-Disposition": "attachment; filename=\"\(name)\""])
        }
        return try await client.send(
            "POST", "/cohorts/\(cohort)/milestones", json: #"{"title":"\#(name)"}"#, headers: ["Idempotency-Key": name])
    }

    /// Sends until it is answered. That another request has the key lasts no longer than that request or its owner's death.
    private func answer(_ name: String) async throws -> String {
        var running: ContinuousClock.Instant?
        while true {
            let answer = try? await send(name)
            if let answer, answer.status == 201 { return answer.text }
            let isRunning = answer?.status == 409 && answer?.text("state") == "running"
            if let answer, answer.status != 503, !isRunning {
                Issue.record("\(name): \(answer.status) \(answer.text)")
                return answer.text
            }
            if isRunning {
                let since = running ?? .now
                running = since
                let time = ContinuousClock.now - since
                #expect(time < .seconds(15), "\(name) is still running")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
