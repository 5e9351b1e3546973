import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import CLI

/// What the README tells people to type works as it stands there.
@Suite(.serialized) struct ReadmeTests {
    private static let root = (0..<3).reduce(URL(fileURLWithPath: #filePath)) { url, _ in
        url.deletingLastPathComponent()
    }

    private let text: String

    init() throws {
        text = try String(contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
    }

    /// The lines to be typed, in order.
    private var commands: [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("    ") }.map { String($0.dropFirst(4)) }
    }

    /// Those of the demo: calls of the API, and what they need.
    private var calls: [String] {
        commands.filter { line in
            ["export PATH=", "waymark login ", "waymark api ", "printf ", "echo "].contains { line.hasPrefix($0) }
        }
    }

    /// Those of the operator.
    private var operators: [String] {
        commands.filter { line in ["waymark import ", "waymark report"].contains { line.hasPrefix($0) } }
    }

    @Test func `every command is run here, but for those of make`() {
        let rest = Set(commands).subtracting(calls).subtracting(operators)
        #expect(rest.filter { !$0.hasPrefix("make ") } == [])
        #expect(calls.count > 20 && operators.count >= 5)
        #expect(!text.contains("```"), "a block that these tests do not see")
    }

    @Test func `the ten steps and the next term work from the shell, command by command`() async throws {
        // what its `make demo` says
        let start = try #require(commands.first { $0.hasPrefix("make demo ARGS=") })
        #expect(start.contains("--empty") && start.contains("--directory .waymark-empty"))
        let folder = try TemporaryFolder()
        let demo = try await RunningDemo.start(in: folder, "--empty")
        let institution = try #require(demo.greeting.institutions.first)
        let admin = try #require(institution.accounts.first)
        let lines = try calls.joined(separator: "\n").exchanging([
            "$PWD/.build/debug": (WaymarkProgram.path as NSString).deletingLastPathComponent,
            "https://northfield.localhost:8443": institution.url,
            ".waymark-empty/ca.pem": demo.greeting.certificate,
        ])
        #expect(lines.contains("--email \(admin.email)\n"))
        let program = WaymarkProgram(environment: ["XDG_CONFIG_HOME": folder.path])
        let result = try await program.type(lines, in: folder, input: admin.password + "\n")
        #expect(result.status == 0, "\(result.errors)")
        let setup = try await program.run("api", "GET", "/setup")
        #expect(setup.output.contains(#""ready":true"#), "\(setup.output)")
        let next = try await program.run("api", "GET", "/cohorts/2/milestones")
        #expect(next.output.contains(#""dueOn":"2027-08-30""#), "\(next.output)")
        #expect(try await demo.stop() == 0)
    }

    @Test func `files of people and reports work from the operator's shell, command by command`() async throws {
        try await StatusGround.with { ground in
            let place = try await TestInstitution.make(in: ground.database)
            try await ground.database.migrator.rename(place.institution, to: "northfield")
            let folder = try TemporaryFolder()
            try folder.write("email,given_name,family_name\nzoe@x.edu,Zoe,Lee\nbad,Bo,Byrne\n", to: "registrar.csv")
            try folder.write("First name,Last name,Correo,Notas\nKim,Lee,kim@x.edu,x\n", to: "padron.csv")
            let zip = ZipWriter.archive([
                .init("manifest.csv", "propertyName,value\noneroster.version,1.1\nfile.users,bulk\n"),
                .init(
                    "users.csv",
                    "sourcedId,enabledUser,role,username,givenName,familyName,email\nu1,true,student,u1,Ann,Lee,ann@x.edu\n"
                ),
            ])
            try Data(zip).write(to: URL(fileURLWithPath: folder.path + "/roster.zip"))
            let result = try await ground.program.type(operators.joined(separator: "\n"), in: folder)
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("students-behind  "), "the list of reports: \(result.output)")
            #expect(folder.text("mend.csv").contains("bad,Bo,Byrne"))
            #expect(try await place.texts("select email from accounts order by id") == ["zoe@x.edu", "kim@x.edu"])
        }
    }

    @Test func `the first screen links the handbook and says that no licence is chosen`() {
        let first = text.split(separator: "\n", omittingEmptySubsequences: false).prefix(24).joined(separator: "\n")
        #expect(first.contains("](docker/README.md)"))
        #expect(first.contains("No licence has been chosen yet."))
    }

    @Test func `the demo calls the program as it was called itself`() {
        let admin = DemoDirectory.State.Account(
            institution: "northfield", role: "admin", email: "a@x.edu", password: "p")
        var greeting = DemoGreeting(
            state: .init(isEmpty: true, logins: [:], accounts: [admin]), certificate: "ca.pem", database: "", mail: "",
            imports: "")
        greeting.program = ".build/debug/waymark"
        #expect(
            greeting.lines(port: 8443).contains { $0.hasPrefix("  .build/debug/waymark login https://northfield.") })
    }
}
