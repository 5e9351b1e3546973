import Foundation
import TestSupport
import Testing

@testable import CLI
@testable import Casework

@Suite struct SecretsCommandTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/keys" }

    init() throws {
        folder = try TemporaryFolder()
    }

    private var program: WaymarkProgram { WaymarkProgram(environment: ["WAYMARK_SECRET_KEYS_FILE": path]) }

    private func keys() throws -> [String] { try SecretKeysFile(path: path).read().keys.map(\.id) }

    @Test func `a key is made in a private file, the next one comes first, and a spare one last`() async throws {
        let first = try await program.run("secrets", "new-key", "--json")
        #expect(first.status == 0 && first.output.contains(#""key":""#), "\(first.errors)")
        #expect(PrivateFile.isPrivate(path))
        let oldest = try keys()
        #expect(oldest.count == 1 && first.output.contains(oldest[0]))
        #expect(try await program.run("secrets", "new-key").status == 0)
        let both = try keys()
        #expect(both.count == 2 && both[1] == oldest[0])
        #expect(try await program.run("secrets", "new-key", "--spare").output.contains("move the key's line"))
        #expect(try Array(keys().prefix(2)) == both && keys().count == 3)
        #expect(PrivateFile.isPrivate(path))
    }

    @Test func `a file that holds something else is left alone, and what is missing is named`() async throws {
        try folder.write("my notes\n", to: "keys")
        let refused = try await program.run("secrets", "new-key")
        #expect(refused.status == 1 && refused.errors.contains("line 1 is no key"), "\(refused.errors)")
        #expect(folder.text("keys") == "my notes\n")
        let unset = try await WaymarkProgram().run("secrets", "new-key")
        #expect(unset.status == 1 && unset.errors.contains("WAYMARK_SECRET_KEYS_FILE"), "\(unset.errors)")
        let bare = WaymarkProgram(environment: ["WAYMARK_DATABASE_URL": "postgresql://localhost:1/none"])
        let status = try await bare.run("secrets", "status")
        #expect(status.status == 1 && status.errors.contains("secretKeys is missing"), "\(status.errors)")
    }

    @Test func `the report tells newest, older and missing keys apart`() throws {
        let (new, old) = (try SecretKey.random(), try SecretKey.random())
        let report = SecretsReport(
            renewed: 1, counts: [new.id: 5, "0123abcd": 2], keys: try SecretKeys("\(new.text)\n\(old.text)"))
        #expect(report.keys.map(\.state) == ["newest", "older", "missing"])
        #expect(report.keys.map(\.secrets) == [5, 0, 2] && report.left == 2)
    }

    @Test func `the doctor wants the file for its owner alone`() throws {
        let key = try SecretKey.random()
        try SecretKeysFile(path: path).add(key)
        let keys = try SecretKeysFile(path: path).read()
        var examination = SecretKeysExamination(keys: keys, path: path, isContained: false)
        #expect(examination.finding().ok)
        chmod(path, 0o644)
        #expect(!examination.finding().ok)
        examination.isContained = true
        #expect(examination.finding().ok)
        #expect(SecretKeysExamination(keys: nil, path: nil).finding().found.contains("none are given"))
    }
}
