import Foundation
import TestSupport
import Testing

@Suite struct CommandTests {
    private let program = WaymarkProgram()

    @Test(arguments: [
        ["serve", "--nonsense"], ["institution", "create"], ["demo", "--port", "70000"], ["api", "FETCH", "/me"],
        ["api", "GET", "me"], ["token", "create", "a", "b@c.example", "--name", "x", "--days", "400"],
        ["report", "northfield", "x", "--json", "--format", "csv"], ["report", "northfield", "x", "--format", "xml"],
        ["nonsense"],
    ])
    func `wrong usage ends with 64 and one line`(_ arguments: [String]) async throws {
        let result = try await program.run(arguments)
        #expect(result.status == 64)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix("waymark: "))
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }

    @Test(arguments: [
        [], ["serve"], ["work"], ["migrate"], ["demo"], ["doctor"], ["status"], ["institution"],
        ["institution", "create"],
        ["account"], ["account", "set-password"], ["token"], ["token", "create"], ["report"], ["login"], ["api"],
    ])
    func `every command explains itself`(_ command: [String]) async throws {
        let result = try await program.run(command + ["--help"])
        #expect(result.status == 0)
        #expect(result.output.contains("USAGE: waymark"))
        #expect(result.errors.isEmpty)
    }

    @Test func `the help of serve names every key with its option and variable`() async throws {
        let help = try await program.run("serve", "--help").output
        for (key, option, variable) in [
            ("databaseUrl", "--database-url", "WAYMARK_DATABASE_URL"), ("logLevel", "--log-level", "WAYMARK_LOG_LEVEL"),
            ("databasePassword", "--database-password-file", "WAYMARK_DATABASE_PASSWORD_FILE"),
            ("metricsPort", "--metrics-port", "WAYMARK_METRICS_PORT"),
            ("certificate", "--certificate", "WAYMARK_CERTIFICATE"),
        ] {
            #expect(help.contains(key) && help.contains(option) && help.contains(variable), "\(key)")
        }
    }

    @Test func `serve reports every problem of its configuration in one line`() async throws {
        let result = try await WaymarkProgram(environment: ["WAYMARK_PORT": "eighty"])
            .run("serve", "--connections", "0", "--certificate", "/nowhere.pem")
        #expect(result.status == 1)
        #expect(result.errors.split(separator: "\n").count == 1)
        for part in [
            "databaseUrl is missing", "WAYMARK_PORT must be", "--connections must be", "/nowhere.pem", "key is missing",
        ] {
            #expect(result.errors.contains(part), "\(part) in \(result.errors)")
        }
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ["institution", "list"], ["account", "list", "northfield"], ["report", "northfield", "staff-load"],
        ])
    func `an operator's command soon says that the database is out of reach`(_ command: [String]) async throws {
        let result = try await WaymarkProgram(environment: [
            "WAYMARK_DATABASE_URL": "postgresql://127.0.0.1:1/waymark", "WAYMARK_MIGRATOR_PASSWORD": "x",
        ]).run(command)
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("waymark: database out of reach"), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1)
    }

    @Test func `a database out of reach is one clear line`() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("x", to: "some.pem")
        let result = try await program.run(
            "serve", "--database-url", "postgresql://127.0.0.1:1/waymark", "--certificate", file, "--key", file)
        #expect(result.status == 1)
        #expect(result.errors.contains("127.0.0.1:1/waymark out of reach"))
        #expect(result.errors.split(separator: "\n").count == 1)
    }

    @Test func `the API without a sign-in says what to do`() async throws {
        let folder = try TemporaryFolder()
        let result = try await WaymarkProgram(environment: ["XDG_CONFIG_HOME": folder.path]).run("api", "GET", "/me")
        #expect(result.status == 1)
        #expect(result.errors.contains("waymark login"))
    }

    @Test func `an unreachable server is one clear line`() async throws {
        let folder = try TemporaryFolder()
        let result = try await WaymarkProgram(environment: ["XDG_CONFIG_HOME": folder.path])
            .run("login", "https://northfield.localhost:1", "--email", "a@b.example", input: "secret\n")
        #expect(result.status == 1)
        #expect(result.errors.contains("nothing listens at https://northfield.localhost:1"), "\(result.errors)")
    }
}
