import ArgumentParser
import Foundation
import Outgoing

/// `waymark login`: exchanges e-mail and password for a token and keeps it.
struct Login: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sign in to an institution for waymark api.",
        discussion: """
            The token and the path of --ca are kept in ~/.config/waymark/credentials.json (XDG_CONFIG_HOME is
            respected), readable by you only.
            """)

    @Argument(help: "The institution's address, for example https://northfield.example")
    var address: String
    @Option(help: "E-mail address of the account; asked for on a terminal.")
    var email: String?
    @OptionGroup var password: PasswordEntry
    @Option(help: "PEM file of the certificate authority to trust besides the system's (WAYMARK_CA).")
    var ca: String?
    @Flag(help: "Print what was signed in to as JSON.")
    var json = false

    private struct Request: Encodable {
        let email: String
        let password: String
    }

    private struct Answer: Decodable {
        let token: String
        let expiresAt: String
    }

    private struct Report: Encodable {
        let url: String
        let email: String
        let expiresAt: String
    }

    func run() async throws {
        let authority = (ca ?? ProcessInfo.processInfo.environment["WAYMARK_CA"]).map(absolute)
        let client = try Client(address: address, certificateAuthority: authority)
        let email = try email ?? Self.askForEmail()
        let secret = try password.read(prompt: "Password for \(email): ")
        let body = try JSONEncoder().encode(Request(email: email, password: secret))
        let answer = try await client.send(
            "POST", "/api/v1/session", headers: [("Content-Type", "application/json")], body: Array(body))
        let opened = try await finish(answer, client)
        guard opened.status == 201 else { throw Failure(Problem(opened).line) }
        let session = try JSONDecoder().decode(Answer.self, from: Data(opened.body))
        var credentials = try Credentials.load()
        credentials.current = client.origin
        credentials.sessions[client.origin] = Credentials.Session(
            token: session.token, email: email, expiresAt: session.expiresAt, certificateAuthority: authority)
        try credentials.save()
        if json {
            try Output.json(Report(url: client.origin, email: email, expiresAt: session.expiresAt))
        } else {
            Output.line("Signed in to \(client.origin) as \(email) until \(session.expiresAt).")
        }
    }

    private struct Challenge: Codable {
        let challenge: String
        var code: String?
    }

    /// The second step, where the account has an authenticator app: its code is asked for on a terminal, else read from the next
    /// line of standard input.
    private func finish(_ answer: OutgoingAnswer, _ client: Client) async throws -> OutgoingAnswer {
        guard answer.status == 401,
            var challenge = try? JSONDecoder().decode(Challenge.self, from: Data(answer.body))
        else { return answer }
        Output.notice("Code of the authenticator app, or a recovery code:")
        guard let code = readLine(), !code.isEmpty else { throw Failure("no code given") }
        challenge.code = code
        return try await client.send(
            "POST", "/api/v1/session/code", headers: [("Content-Type", "application/json")],
            body: Array(try JSONEncoder().encode(challenge)))
    }

    private static func askForEmail() throws -> String {
        guard isatty(STDIN_FILENO) == 1 else { throw Failure("give the account's address by --email") }
        try FileHandle.standardError.write(contentsOf: Data("E-mail: ".utf8))
        guard let line = readLine(), !line.isEmpty else { throw Failure("no e-mail address given") }
        return line
    }

    private func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}

/// `waymark logout`: ends the session on the server and forgets it here.
struct Logout: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End a sign-in made by waymark login.")

    @Argument(help: "The institution's address; the last one signed in to if absent.")
    var address: String?

    func run() async throws {
        var credentials = try Credentials.load()
        let origin = try address.map(Client.origin) ?? credentials.current
        guard let origin, let session = credentials.sessions[origin] else { throw Failure("not signed in") }
        let client = try Client(
            address: origin, certificateAuthority: session.certificateAuthority, token: session.token)
        // as long as the session may still be open, its token is what ends it
        let answer = try await client.send("DELETE", "/api/v1/session")
        guard answer.status == 204 || answer.status == 401 else { throw Failure(Problem(answer).line) }
        credentials.sessions[origin] = nil
        if credentials.current == origin { credentials.current = credentials.sessions.keys.sorted().first }
        try credentials.save()
        Output.line("signed out of \(origin)")
    }
}
