import Foundation
import TestSupport
import Testing

@testable import Casework

@Suite struct PasswordTests {
    private let hasher = PasswordHasher(cost: .weak)

    private func verify(
        _ password: String, against stored: String?, with hasher: PasswordHasher? = nil
    ) async throws -> Bool {
        try await (hasher ?? self.hasher).verify(password, against: stored, for: .accounts(of: 1))
    }

    @Test func `agrees with RFC 7914`() throws {
        let stored =
            "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$"
            + "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw"
        let hash = try #require(PasswordHash(stored: stored))
        #expect(hash.stored == stored)
        #expect(try hash.matches("pleaseletmein"))
        #expect(try !hash.matches("pleaseletmeim"))
    }

    @Test func `stores all it takes to check a password`() async throws {
        let stored = try await hasher.hash("correct horse battery")
        #expect(stored.hasPrefix("$scrypt$ln=10,r=8,p=1$"))
        #expect(stored.split(separator: "$").map(\.count) == [6, 13, 22, 43])
        #expect(try await hasher.hash("correct horse battery") != stored)
        #expect(try await verify("correct horse battery", against: stored))
        #expect(try await !verify("correct horse battery ", against: stored))
        #expect(try await !verify("", against: stored))
    }

    @Test func `takes passwords in any script, however the keyboard composes them`() async throws {
        let stored = try await hasher.hash("caf\u{E9} 漢字 \u{0} 😀")
        #expect(try await verify("cafe\u{301} 漢字 \u{0} 😀", against: stored))
        #expect(try await !verify("caf\u{E9} 漢字 ", against: stored))
    }

    @Test(
        arguments: [
            nil, "", "x", "$scrypt$ln=10,r=8,p=1$$",
            "$scrypt$ln=60,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=18,r=16,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] as [String?])
    func `is false for no password and for one it cannot read`(stored: String?) async throws {
        #expect(try await !verify("correct horse battery", against: stored))
        if let stored { #expect(hasher.needsRehash(stored)) }
    }

    @Test func `does not even hash what nobody can have chosen`() async throws {
        #expect(try await !verify(String(repeating: "x", count: 1_000_000), against: nil))
    }

    @Test func `asks for a new hash where the cost has changed`() async throws {
        let stored = try await hasher.hash("correct horse battery")
        #expect(!hasher.needsRehash(stored))
        #expect(PasswordHasher(cost: .standard).needsRehash(stored))
    }

    @Test func `hashes at the standard cost`() async throws {
        let standard = PasswordHasher()
        let stored = try await standard.hash("correct horse battery")
        #expect(stored.hasPrefix("$scrypt$ln=17,r=8,p=1$"))
        #expect(try await verify("correct horse battery", against: stored, with: standard))
    }

    @Test func `turns calls away whose turn would come too late, and works off the rest`() async throws {
        let book = EventBook()
        let small = PasswordHasher(cost: .weak, workers: 1, waitLimit: .seconds(1), observers: book.observers)
        let outcomes = await withTaskGroup(of: Bool?.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    do {
                        return try await !small.hash("correct horse battery").isEmpty
                    } catch CaseworkError.unavailable {
                        return false
                    } catch {
                        return nil
                    }
                }
            }
            return await group.reduce(into: [Bool?]()) { $0.append($1) }
        }
        #expect(outcomes.count == 200 && !outcomes.contains(nil))
        #expect(try await !small.hash("again").isEmpty)
        let snapshot = small.snapshot
        #expect(snapshot.queued == 0 && snapshot.running == 0 && snapshot.seconds > 0)
        #expect(snapshot.done == outcomes.count { $0 == true } + 1)
        #expect(snapshot.refused.values.reduce(0, +) == outcomes.count { $0 == false })
        let refusals = snapshot.refused.flatMap { Array(repeating: "password_queue_full \($0.key)", count: $0.value) }
        #expect(book.titles.sorted() == refusals.sorted())
    }

    @Test func `a failing client's password leaves the processor to others`() async throws {
        let small = PasswordHasher(cost: .standard, workers: 1)
        async let hash = small.hash(
            "correct horse battery", for: HashingRequest(institution: 1, client: "192.0.2.1", standing: .failing))
        var niceness: Set<Int> = []
        while small.snapshot.done == 0 {
            for thread in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task") {
                // proc(5): behind the name in brackets, niceness is the 17th of the numbers; a thread may have gone
                let stat = (try? String(contentsOfFile: "/proc/self/task/\(thread)/stat", encoding: .utf8)) ?? ""
                let fields = stat.drop { $0 != ")" }.split(separator: " ")
                if fields.count > 17, let number = Int(fields[17]) { niceness.insert(number) }
            }
            await Task.yield()
        }
        #expect(try await !hash.isEmpty)
        #expect(niceness.contains(10))
    }

    @Test func `forgets calls that are canceled while they wait`() async throws {
        let small = PasswordHasher(cost: .standard, workers: 1, waitLimit: .seconds(600))
        let first = Task { try await small.hash("correct horse battery") }
        while small.snapshot.running == 0 { await Task.yield() }
        let waiting = (0..<20).map { _ in Task { try await small.hash("correct horse battery") } }
        for task in waiting { task.cancel() }
        for task in waiting { await #expect(throws: CancellationError.self) { try await task.value } }
        #expect(try await !first.value.isEmpty)
        #expect(small.snapshot.queued == 0 && small.snapshot.done == 1)
    }

}
