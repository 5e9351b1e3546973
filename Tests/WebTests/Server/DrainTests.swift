import Events
import Hummingbird
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import Web

/// A shutdown under load, on connections that are kept: what was carried out was answered.
@Suite(.timeLimit(.minutes(2))) struct DrainTests {
    /// What the server carried out, and what clients heard of it, by the numbers they made up.
    private final class Ledger: Sendable {
        private struct Book {
            var stored: Set<Int> = []
            var answers: [Int: Int] = [:]
        }

        private let book = Mutex(Book())

        var stored: Set<Int> { book.withLock { $0.stored } }
        var confirmed: Set<Int> { Set(book.withLock { $0.answers.filter { $0.value == 200 }.keys }) }
        var refused: Set<Int> { Set(book.withLock { $0.answers.filter { $0.value == 503 }.keys }) }
        var answers: Int { book.withLock { $0.answers.count } }

        func store(_ number: Int) { book.withLock { _ = $0.stored.insert(number) } }
        func heard(_ status: Int, of number: Int) { book.withLock { $0.answers[number] = status } }

        func routes(_ router: Router<SiteContext>) {
            router.post("/keep/{number}") { request, context in
                for try await _ in request.body {}
                self.store(try context.parameters.require("number", as: Int.self))
                await Task.yield()
                return "kept"
            }
        }

        func check() {
            #expect(stored == confirmed)
            #expect(stored.isDisjoint(with: refused))
        }
    }

    private static func post(_ number: Int) -> String {
        "POST /keep/\(number) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi"
    }

    /// Eight at once, each with one connection until that is closed; the shutdown begins in their midst.
    private static func underEight(
        _ server: RunningServer, _ ledger: Ledger,
        _ write: @escaping @Sendable (_ numbers: Range<Int>) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 { group.addTask { try await write(writer * 1_000_000..<(writer + 1) * 1_000_000) } }
            while ledger.answers < 200 { try await Task.sleep(for: .milliseconds(1)) }
            await server.group.triggerGracefulShutdown()
            try await group.waitForAll()
        }
        ledger.check()
    }

    @Test func `HTTP/1 under eight writers: what is stored was answered`() async throws {
        let ledger = Ledger()
        try await RunningServer.with(routes: ledger.routes) { server in
            try await Self.underEight(server, ledger) { numbers in
                let client = try await RawClient.connect(to: server.port)
                for number in numbers {
                    await client.send(Self.post(number))
                    guard let answer = try? await client.answer() else { break }
                    ledger.heard(answer.status, of: number)
                    if answer.status == 503 { #expect(answer.headers["retry-after"] != nil) }
                    if answer.headers["connection"] == "close" { break }
                }
                try await client.untilClosed()
            }
        }
    }

    @Test func `HTTP/1 with requests sent behind each other: what is stored was answered`() async throws {
        let ledger = Ledger()
        try await RunningServer.with(routes: ledger.routes) { server in
            try await Self.underEight(server, ledger) { numbers in
                let client = try await RawClient.connect(to: server.port)
                for number in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 3) {
                    if client.isClosed { break }
                    await client.send((0..<3).map { Self.post(number + $0) }.joined())
                    for next in 0..<3 {
                        guard let answer = try? await client.answer() else { break }
                        ledger.heard(answer.status, of: number + next)
                    }
                }
                try await client.untilClosed()
            }
        }
    }

    @Test func `HTTP/2 under eight writers: what is stored was answered`() async throws {
        let ledger = Ledger()
        try await RunningServer.with(routes: ledger.routes) { server in
            try await Self.underEight(server, ledger) { numbers in
                // goes on after GOAWAY, as no real client does
                let client = try await HTTP2Client.connect(to: server.port)
                for number in numbers {
                    if client.raw.isClosed { break }
                    let fields = HTTP2Client.fields("/keep/\(number)", authority: "localhost", method: "POST")
                    let stream = 2 * (number - numbers.lowerBound) + 1
                    await client.raw.send(HTTP2Client.request(fields, body: [104, 105], stream: stream))
                    guard case .answered(let status) = try await client.fate(of: stream, untilClosed: true) else {
                        continue
                    }
                    ledger.heard(status, of: number)
                }
            }
        }
    }

    @Test func `a request on an idle connection is told that the server stops`() async throws {
        let ledger = Ledger()
        let told = Mutex(0)
        try await RunningServer.with(
            observers: .init([
                { event in if type(of: event).name == "refused_while_stopping" { told.withLock { $0 += 1 } } }
            ]),
            configure: { $0.limits.partWithin = .seconds(20) }, routes: ledger.routes
        ) { server in
            var clients: [RawClient] = []
            for number in 0..<8 {
                let client = try await RawClient.connect(to: server.port)
                await client.send(Self.post(number))
                ledger.heard(try await client.answer().status, of: number)
                clients.append(client)
            }
            await server.group.triggerGracefulShutdown()
            var number = 100
            for client in clients {
                var answer: HTTP1Answer
                repeat {
                    number += 1
                    await client.send(Self.post(number))
                    answer = try await client.answer()
                    ledger.heard(answer.status, of: number)
                } while answer.headers["connection"] != "close"
                try await client.untilClosed()
            }
            #expect(ledger.refused.contains(number), "the shutdown had long begun for the last one")
            #expect(told.withLock { $0 } == ledger.refused.count)
            ledger.check()
        }
    }

    @Test func `the answer to a request in flight says that the connection ends, and what is behind it is not read`()
        async throws
    {
        let ledger = Ledger()
        let (begun, hasBegun) = AsyncStream<Void>.makeStream()
        let (release, releases) = AsyncStream<Void>.makeStream()
        try await RunningServer.with(
            configure: { $0.limits.partWithin = .seconds(20) },
            routes: { router in
                ledger.routes(router)
                router.get("/held") { _, _ in
                    hasBegun.finish()
                    for await _ in release {}
                    return "held"
                }
            }
        ) { server in
            let idle = try await RawClient.connect(to: server.port)
            let busy = try await RawClient.connect(to: server.port)
            await busy.send("GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n")
            for await _ in begun {}
            await server.group.triggerGracefulShutdown()
            // once another connection is told so, the shutdown has begun on this one too
            var told = false
            while !told {
                await idle.send(Self.post(1))
                told = try await idle.answer().headers["connection"] == "close"
            }
            await busy.send(Self.post(2))
            releases.finish()
            let answer = try await busy.answer()
            #expect(answer.body == "held")
            #expect(answer.headers["connection"] == "close")
            #expect(try await busy.untilClosed().isEmpty)
            #expect(!ledger.stored.contains(2))
        }
    }
}
