import Foundation
import TestSupport
import Testing

@testable import CLI

@Suite struct SettingsTests {
    private func settings(
        _ options: [String: String] = [:], _ environment: [String: String] = [:], file: String? = nil
    ) async throws -> Settings {
        try await Settings(options: options, environment: environment, file: file)
    }

    @Test func `options win over the environment, which wins over the file, which wins over the default`() async throws
    {
        let folder = try TemporaryFolder()
        let file = try folder.write("port: 1\naddress: 10.0.0.1\ndomain: file.example\n", to: "waymark.yaml")
        var settings = try await settings(
            ["port": "3"], ["WAYMARK_PORT": "2", "WAYMARK_ADDRESS": "10.0.0.2"], file: file)
        #expect(settings.number(.port, in: 0...9) == 3)
        #expect(settings.text(.address) == "10.0.0.2")
        #expect(settings.text(.domain) == "file.example")
        #expect(settings.text(.metricsPort) == "9464")
        try settings.check()
    }

    @Test func `the file may be named by the environment`() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("domain: file.example\n", to: "waymark.yaml")
        var settings = try await settings([:], ["WAYMARK_CONFIG": file])
        #expect(settings.text(.domain) == "file.example")
    }

    @Test func `a secret comes from a file, without its line break`() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("s3cret\n", to: "secret")
        var settings = try await settings([:], ["WAYMARK_DATABASE_PASSWORD_FILE": file])
        #expect(settings.text(.databasePassword) == "s3cret")
        try settings.check()
    }

    @Test func `all problems are reported at once`() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("prot: 1\nconnections: many\n", to: "waymark.yaml")
        var settings = try await settings(
            ["partitions": "1,x"],
            [
                "WAYMARK_LOG_LEVEL": "loud", "WAYMARK_DATABASE_PASSWORD": "a", "WAYMARK_DATABASE_PASSWORD_FILE": "b",
                "WAYMARK_ALLOW_OUTDATED_SERVER": "perhaps",
            ], file: file)
        _ = settings.required(.databaseURL)
        _ = settings.text(.databasePassword)
        _ = settings.numbers(.partitions)
        _ = settings.level(.logLevel)
        _ = settings.flag(.allowOutdatedServer)
        _ = settings.number(.connections, in: 1...9)
        let problem = #expect(throws: Failure.self) { try settings.check() }
        for part in [
            "unknown key prot", "databaseUrl is missing", "are both given", "--partitions must be", "WAYMARK_LOG_LEVEL",
            "WAYMARK_ALLOW_OUTDATED_SERVER", "connections in \(file) must be a whole number from 1 to 9, not 'many'",
        ] {
            #expect(problem?.description.contains(part) == true, "\(part) in \(problem?.description ?? "")")
        }
    }

    @Test func `trusted proxies are addresses and blocks, none unless given`() async throws {
        var none = try await settings()
        #expect(none.blocks(.trustedProxies).isEmpty)
        try none.check()
        var some = try await settings([:], ["WAYMARK_TRUSTED_PROXIES": "10.0.0.5, fd00::/8"])
        #expect(some.blocks(.trustedProxies).count == 2)
        try some.check()
        for text in ["10.0.0.5,", "proxy.example", "10.0.0.0/40"] {
            var wrong = try await settings(["trustedProxies": text])
            #expect(wrong.blocks(.trustedProxies).isEmpty)
            #expect(throws: Failure.self) { try wrong.check() }
        }
    }

    @Test func `a file that is missing or no mapping is refused`() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("- a\n- b\n", to: "list.yaml")
        await #expect(throws: Failure.self) { try await settings(file: "/nowhere.yaml") }
        await #expect(throws: Failure.self) { try await settings(file: file) }
    }

    @Test(arguments: [
        ("postgresql://db/waymark", "postgresql://db/waymark?user=waymark_app_1&password=a%27%26b"),
        (
            "postgresql://db/waymark?sslmode=require",
            "postgresql://db/waymark?sslmode=require&user=waymark_app_1&password=a%27%26b"
        ),
        ("host=db dbname=waymark", "host=db dbname=waymark user='waymark_app_1' password='a\\'&b'"),
    ])
    func `a login is added to either form of a connection string`(_ text: String, _ expected: String) {
        #expect(Conninfo(text).with(user: "waymark_app_1", password: "a'&b") == expected)
    }

    @Test(arguments: [
        (150_019, true), (150_020, false), (160_015, true), (160_016, false), (170_011, true), (180_007, false),
        (140_030, true), (190_000, false),
    ])
    func `the server floor is the row-security fixes`(_ number: Int, _ outdated: Bool) {
        #expect((ServerVersion(number).outdated != nil) == outdated)
    }
}
