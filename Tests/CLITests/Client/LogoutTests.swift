import Casework
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import CLI

@Suite struct LogoutTests {
    private let folder: TemporaryFolder
    private let program: WaymarkProgram

    init() throws {
        folder = try TemporaryFolder()
        program = WaymarkProgram(environment: ["XDG_CONFIG_HOME": folder.path])
    }

    private var path: String { folder.path + "/waymark/credentials.json" }

    private func keep(_ token: String, at origin: String, authority: String? = nil) throws {
        var credentials = Credentials()
        credentials.current = origin
        credentials.sessions[origin] = .init(
            token: token, email: "e", expiresAt: "x", certificateAuthority: authority)
        try credentials.save(to: path)
    }

    @Test func `a token the server did not take back is kept`() async throws {
        try keep("t", at: "https://northfield.localhost:1")
        let result = try await program.run("logout")
        #expect(result.status == 1 && result.errors.contains("nothing listens"), "\(result.errors)")
        #expect(try Credentials.load(from: path).sessions.count == 1)
    }

    @Test func `a session ends here and there, also one that is over`() async throws {
        let college = try await TestInstitution.make()
        let staff = try await college.person("staff")
        let host = "\(college.institution.slug).localhost"
        try await RunningServer.with(deployment: college.database.deployment, names: [host]) { server in
            let origin = "https://\(host):\(server.port)"
            for left in [1, 0] {
                #expect(try await college.number("select count(*) from sessions where expires_at > now()") == left)
                try keep(staff.token.text, at: origin, authority: server.certificate.certificatePath)
                let result = try await program.run("logout")
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.output == "signed out of \(origin)\n")
                #expect(try Credentials.load(from: path) == Credentials())
            }
        }
    }
}
