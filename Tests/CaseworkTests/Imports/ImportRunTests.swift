import Synchronization
import TestSupport
import Testing

@testable import Casework

@Suite struct ImportRunTests {
    @Test func `few rows wait together where they are large`() async throws {
        let place = try await TestInstitution.make()
        var text = SpoolWriter()
        try await text.append("email,given_name,family_name,a,b,c,d\n".utf8)
        let cells = Array(repeating: String(repeating: "x", count: 60_000), count: 4).joined(separator: ",")
        for line in 0..<100 { try await text.append("s\(line)@x.edu,A,B,\(cells)\n".utf8) }
        let portions = Mutex<[Int]>([])
        let report = try await StudentImport(work: place.owner).run(ImportFile(text.finish()), ImportOptions()) {
            $0.refusal.code.rawValue
        } progress: { rows in
            portions.withLock { $0.append(rows) }
        }
        #expect(report.added == 100)
        #expect(portions.withLock(\.self).count == 2 && portions.withLock { $0.reduce(0, +) } == 100)
    }
}
