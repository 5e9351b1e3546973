import Postgres
import Synchronization
import Tenancy
import TestSupport
import Testing

@testable import Casework

@Suite struct ImportPaceTests {
    /// Notes for how long an import rests, and takes no time over it.
    private final class Rests: Sendable {
        private let noted = Mutex<[Duration]>([])

        var pace: ImportPace { ImportPace { rest in self.noted.withLock { $0.append(rest) } } }

        func taken() -> [Duration] {
            noted.withLock { noted in
                defer { noted = [] }
                return noted
            }
        }
    }

    @Test func `an import rests for whoever is at work, and for nobody else`() async throws {
        let place = try await TestInstitution.make()
        let (admin, other) = (try await place.person("admin"), try await place.person("staff"))
        let rests = Rests()
        func rested(after work: Duration, whileOtherWas seen: SQL, until end: SQL = "now() + interval '1 hour'")
            async throws -> [Duration]
        {
            try await place.run(
                "update sessions set seen_at = " + seen + ", expires_at = " + end + " where account_id = \(other.id)")
            try await place.work(admin, .admin).transaction(isLong: true) {
                try await rests.pace.rest(after: work, in: $0)
            }
            return rests.taken()
        }
        #expect(try await rested(after: .seconds(1), whileOtherWas: "now()") == [.seconds(1)])
        #expect(try await rested(after: .seconds(1), whileOtherWas: "now() - interval '70 seconds'") == [.seconds(1)])
        #expect(try await rested(after: .seconds(90), whileOtherWas: "now()") == [ImportPace.most])
        #expect(try await rested(after: .seconds(1), whileOtherWas: "now() - interval '1 hour'") == [])
        #expect(
            try await rested(after: .seconds(1), whileOtherWas: "now()", until: "now() - interval '1 second'") == [])
    }

    @Test func `it rests between statements that store something`() async throws {
        let place = try await TestInstitution.make()
        let admin = try await place.person("admin")
        _ = try await place.person("student")
        var text = SpoolWriter()
        try await text.append("email,given_name,family_name\n".utf8)
        for line in 0...importRowsAtATime { try await text.append("s\(line)@x.edu,A,B\n".utf8) }
        let file = try await ImportFile(text.finish())
        let rests = Rests()
        func rested(isDryRun: Bool) async throws -> Int {
            var options = ImportOptions(isDryRun: isDryRun)
            options.pace = rests.pace
            _ = try await StudentImport(work: place.work(admin, .admin)).run(file, options)
            return rests.taken().count
        }
        #expect(try await rested(isDryRun: true) == 0)
        #expect(try await rested(isDryRun: false) == 1)
        #expect(try await rested(isDryRun: false) == 0, "nothing is new the second time")
    }
}
