import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Casework

/// Secrets brought under another key, in a table of the test's own.
@Suite struct SecretRenewalTests {
    private static let column = SealedColumn(table: "seeds", row: "id", secret: "seed")
    private let college: TestInstitution
    private let old: SecretKey
    private let new: SecretKey

    init() async throws {
        college = try await TestInstitution.make()
        (old, new) = (try SecretKey.random(), try SecretKey.random())
        try await college.run("create table seeds (id int primary key, seed text)")
    }

    private func keys(_ keys: SecretKey...) throws -> SecretKeys {
        try SecretKeys(keys.map(\.text).joined(separator: "\n"))
    }

    private var renewal: SecretRenewal { SecretRenewal(work: college.owner, columns: [Self.column]) }

    private func store(_ rows: ClosedRange<Int>, _ keys: SecretKeys) async throws {
        for row in rows {
            let place = Self.column.place(in: college.institution, row: row)
            let sealed = try keys.seal(Array("secret \(row)".utf8), at: place)
            try await college.run("insert into seeds values (\(row), \(sealed.text))")
        }
    }

    private func opened(_ keys: SecretKeys) async throws -> Int {
        let texts = try await college.texts("select seed from seeds where seed is not null order by id")
        return texts.enumerated().count { index, text in
            guard let sealed = SealedSecret(text) else { return false }
            let place = Self.column.place(in: college.institution, row: index + 1)
            return (try? keys.open(sealed, at: place)) == Array("secret \(index + 1)".utf8)
        }
    }

    @Test func `all secrets come under the newest key, and who begins again finds nothing to do`() async throws {
        try await store(1...450, keys(old))
        try await college.run("insert into seeds values (451, null)")
        #expect(try await renewal.counts() == [old.id: 450])
        #expect(try await renewal(keys(new, old)) == 450)
        #expect(try await renewal.counts() == [new.id: 450])
        #expect(try await opened(keys(new)) == 450)
        #expect(try await renewal(keys(new, old)) == 0)
    }

    @Test func `what cannot be opened stays as it is and is told of`() async throws {
        let lost = try SecretKey.random()
        try await store(1...2, keys(old))
        try await store(3...3, keys(lost))
        // somebody moved a ciphertext to another row
        try await college.run("insert into seeds select 4, seed from seeds where id = 1")
        #expect(try await renewal(keys(new, old)) == 2)
        #expect(try await renewal.counts() == [new.id: 2, old.id: 1, lost.id: 1])
    }

    @Test func `a secret that is changed meanwhile keeps the change`() async throws {
        try await store(1...1, keys(old))
        let place = Self.column.place(in: college.institution, row: 1)
        let changed = try keys(old).seal(Array("another".utf8), at: place).text
        // the change waits for the commit of whoever renews, or comes before: both orders end with it
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await renewal(keys(new, old)) }
            group.addTask { try await college.run("update seeds set seed = \(changed) where id = 1") }
            try await group.waitForAll()
        }
        let stored = try await college.texts("select seed from seeds")
        let sealed = try #require(SealedSecret(stored[0]))
        #expect(try keys(new, old).open(sealed, at: place) == Array("another".utf8))
    }
}
