import Casework
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// `serve` is told to stop as a system does it, under writers who keep their connections.
@Suite(.serialized) struct TerminationTests {
    /// What writers speak.
    enum Version: CaseIterable { case http1, http2 }

    @Test(.timeLimit(.minutes(3)), arguments: Version.allCases)
    func `at SIGTERM under eight writers, what is stored is what was answered`(_ version: Version) async throws {
        let stage = try await ServedCollege.start()
        try await stage.withClient { _ in }
        let book = AnswerBook()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                let writer = KeptWriter(number: number, stage: stage, book: book)
                group.addTask { try await version == .http1 ? writer.write() : writer.writeStreams() }
            }
            while book.answers.count < 200 { try await Task.sleep(for: .milliseconds(1)) }
            try await stage.stopServer()
            try await group.waitForAll()
        }
        let stored = try await stage.college.owner(
            SQL("select name from cohort_categories").values(String.self))
        #expect(stored.count == Set(stored).count)
        #expect(Set(stored) == Set(book.answers.keys))
        try await stage.end()
    }
}

/// Makes one category after another over a connection, and over the next one when that ends, until nobody takes it.
private struct KeptWriter: Sendable {
    let number: Int
    let stage: ServedCollege
    /// Has the names of what was answered 201.
    let book: AnswerBook

    private var host: String { "\(stage.college.institution.slug).localhost:\(stage.port)" }

    private func name(_ count: Int) -> String { "w\(number)-\(count)" }

    private func note(_ status: Int, of name: String) {
        if status == 201 { book.note(name, "") } else { #expect(status == 503, "\(name)") }
    }

    func write() async throws {
        var count = 0
        while let client = try? await RawClient.connect(to: stage.port) {
            while !client.isClosed {
                count += 1
                let body = #"{"name":"\#(name(count))"}"#
                await client.send(
                    """
                    POST /api/v1/categories HTTP/1.1\r
                    Host: \(host)\r
                    Authorization: Bearer \(stage.admin.token.text)\r
                    Content-Type: application/json\r
                    Content-Length: \(body.utf8.count)\r
                    \r
                    \(body)
                    """)
                guard let answer = try? await client.answer() else { break }
                note(answer.status, of: name(count))
                if answer.headers["connection"] == "close" { break }
            }
            try await client.untilClosed()
        }
    }

    func writeStreams() async throws {
        var count = 0
        while let client = try? await HTTP2Client.connect(to: stage.port) {
            // goes on after GOAWAY, as no real client does
            for stream in stride(from: 1, to: 1_000_000, by: 2) {
                if client.raw.isClosed { break }
                count += 1
                let fields =
                    HTTP2Client.fields("/api/v1/categories", authority: host, method: "POST") + [
                        ("authorization", "Bearer \(stage.admin.token.text)"), ("content-type", "application/json"),
                    ]
                let body = Array(#"{"name":"\#(name(count))"}"#.utf8)
                await client.raw.send(HTTP2Client.request(fields, body: body, stream: stream))
                guard case .answered(let status) = try await client.fate(of: stream, untilClosed: true) else {
                    continue
                }
                note(status, of: name(count))
            }
        }
    }
}
