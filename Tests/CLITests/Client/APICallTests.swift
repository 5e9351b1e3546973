import Foundation
import Hummingbird
import TestSupport
import Testing

@testable import CLI

/// `waymark api` against a server that repeats what it was asked for.
@Suite struct APICallTests {
    private let folder: TemporaryFolder
    private let program: WaymarkProgram

    init() throws {
        folder = try TemporaryFolder()
        program = WaymarkProgram(environment: ["XDG_CONFIG_HOME": folder.path, "WAYMARK_TOKEN": "t"])
    }

    private func serving(_ body: (RunningServer) async throws -> Void) async throws {
        try await RunningServer.with(
            names: ["northfield.localhost"],
            routes: { router in router.get("/api/v1/echo") { request, _ in request.uri.string } }, body)
    }

    @Test(arguments: [
        ("/echo?q=first year", "/api/v1/echo?q=first%20year"), ("/echo?q=für", "/api/v1/echo?q=f%C3%BCr"),
        ("/echo?q=a%20b", "/api/v1/echo?q=a%20b"), ("/echo?q=<\">", "/api/v1/echo?q=%3C%22%3E"),
        ("/echo?q=\r\nX: y", "/api/v1/echo?q=%0D%0AX:%20y"),
    ])
    func `a path is escaped where it must be`(path: String, arrived: String) async throws {
        try await serving { server in
            let result = try await program.run(
                "api", "GET", path, "--institution", "https://northfield.localhost:\(server.port)", "--ca",
                server.certificate.certificatePath)
            #expect(result.output == arrived + "\n", "\(result.errors)")
        }
    }

    @Test(arguments: ["", " ", "\t", "a\r\nX-Other: b", "a\nb", "a\u{1}", "a\u{7f}"])
    func `a field that would be dropped or become two is refused`(value: String) async throws {
        for option in ["--idempotency-key", "--if-match"] {
            let result = try await program.run(
                "api", "POST", "/categories", option, value, "--institution", "https://localhost:1")
            #expect(result.status == 1)
            #expect(result.errors.hasPrefix("waymark: \(option) "), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1)
        }
        let asked = WaymarkProgram(environment: ["XDG_CONFIG_HOME": folder.path, "WAYMARK_TOKEN": value])
        let result = try await asked.run("api", "GET", "/me", "--institution", "https://localhost:1")
        #expect(result.status == 1 && result.errors.hasPrefix("waymark: WAYMARK_TOKEN "), "\(result.errors)")
        let client = try Client(address: "https://localhost:1", certificateAuthority: nil, token: value)
        let failure = await #expect(throws: Failure.self) { try await client.send("GET", "/") }
        #expect(failure?.description.hasPrefix("the token ") == true)
    }

    @Test func `who is not trusted is told, with what to do about it`() async throws {
        let nonsense = try folder.write("-----BEGIN CERTIFICATE-----\nnonsense\n", to: "nonsense.pem")
        try await serving { server in
            let origin = "https://northfield.localhost:\(server.port)"
            let other = "https://elsewhere.localhost:\(server.port)"
            let authority = server.certificate.certificatePath
            for (origin, arguments, said) in [
                (origin, [], "its certificate is not signed by an authority known here; give it by --ca FILE"),
                (origin, ["--ca", nonsense], "\(nonsense) is not a readable PEM certificate"),
                (origin, ["--ca", "/nowhere.pem"], "/nowhere.pem is not a readable PEM certificate"),
                (other, ["--ca", authority], "elsewhere.localhost'"),
            ] {
                let result = try await program.run(["api", "GET", "/echo", "--institution", origin] + arguments)
                #expect(result.status == 1 && result.output.isEmpty)
                #expect(result.errors.contains(said), "\(result.errors)")
                #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
            }
        }
    }
}
