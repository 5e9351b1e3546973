import ArgumentParser
import Foundation
import Outgoing

/// `waymark api`: one call of the JSON API, with the token of `waymark login`.
struct APICall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api",
        abstract: "Call the API of the institution signed in to.",
        discussion: """
            Prints the answer's body, indented where somebody reads it on a terminal. For 400 and above the exit status is 1 and standard error says why.
            WAYMARK_TOKEN and WAYMARK_URL stand in for waymark login, for scripts with an API token.

              waymark api GET '/cohorts?q=fall'
              waymark api POST /categories --data '{"name":"First-Year Students"}'
              waymark api POST /cohorts/1/students --file students.csv
              waymark api PUT /cohorts/1/groups/2
            """)

    @Argument(help: "GET, POST, PUT, PATCH or DELETE.")
    var method: String
    @Argument(help: "Path below /api/v1, with its query: /cohorts?limit=10")
    var path: String
    @Option(help: ArgumentHelp("JSON to send; @FILE reads it from a file, @- from standard input.", valueName: "json"))
    var data: String?
    @Option(
        help: "File to send, with its name: .csv as text/csv, .json as application/json, else application/octet-stream."
    )
    var file: String?
    @Option(help: "Idempotency-Key of a POST, so that it may be repeated safely.")
    var idempotencyKey: String?
    @Option(help: "ETag the thing must still have, as an earlier answer gave it.")
    var ifMatch: String?
    @Option(help: "The institution's address, where it is not the last one signed in to (WAYMARK_URL).")
    var institution: String?
    @Option(help: "PEM file of the certificate authority to trust besides the system's (WAYMARK_CA).")
    var ca: String?
    @Flag(name: .shortAndLong, help: "Print the status and header fields before the body.")
    var include = false

    func validate() throws {
        guard ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].contains(method.uppercased()) else {
            throw ValidationError("'\(method)' is no method of the API: use GET, POST, PUT, PATCH or DELETE")
        }
        guard path.hasPrefix("/") else { throw ValidationError("the path begins with /, as in /cohorts") }
        guard data == nil || file == nil else { throw ValidationError("--data and --file exclude each other") }
    }

    func run() async throws {
        let client = try client()
        let (body, headers) = try content()
        let target = path.hasPrefix("/api/") || path == "/healthz" || path == "/readyz" ? path : "/api/v1" + path
        let answer = try await client.send(method.uppercased(), target, headers: headers, body: body)
        show(answer)
        if answer.status >= 400 { throw Failure(Problem(answer).line) }
    }

    private func client() throws -> Client {
        let environment = ProcessInfo.processInfo.environment
        let credentials = try Credentials.load()
        let origin = try (institution ?? environment["WAYMARK_URL"]).map(Client.origin) ?? credentials.current
        guard let origin else { throw Failure("not signed in: run waymark login https://INSTITUTION first") }
        let session = credentials.sessions[origin]
        let given = try environment["WAYMARK_TOKEN"].map { try Client.value($0, of: "WAYMARK_TOKEN") }
        guard let token = given ?? session?.token else {
            throw Failure("not signed in to \(origin): run waymark login \(origin) first")
        }
        return try Client(
            address: origin,
            certificateAuthority: ca ?? environment["WAYMARK_CA"] ?? session?.certificateAuthority, token: token)
    }

    /// The body and the header fields that describe it.
    private func content() throws -> (body: [UInt8]?, headers: [(String, String)]) {
        var headers: [(String, String)] = []
        if let idempotencyKey {
            headers.append(("Idempotency-Key", try Client.value(idempotencyKey, of: "--idempotency-key")))
        }
        if let ifMatch {
            let version = try Client.value(ifMatch, of: "--if-match")
            headers.append(("If-Match", version.hasPrefix("\"") ? version : "\"\(version)\""))
        }
        if let data {
            headers.append(("Content-Type", "application/json"))
            return (data.hasPrefix("@") ? try Self.read(String(data.dropFirst())) : Array(data.utf8), headers)
        }
        guard let file else { return (nil, headers) }
        return (try Self.read(file), headers + Self.headers(ofFile: file))
    }

    /// The content type a file is sent as, and its name: a CSV file may be an import or belong to a milestone.
    static func headers(ofFile path: String) -> [(String, String)] {
        let name = (path as NSString).lastPathComponent
        let type =
            switch (name as NSString).pathExtension.lowercased() {
            case "csv": "text/csv"
            case "json": "application/json"
            default: "application/octet-stream"
            }
        let attributes = CharacterSet(  // RFC 8187 attr-char
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&+-.^_`|~")
        let escaped = name.addingPercentEncoding(withAllowedCharacters: attributes) ?? "file"
        return [("Content-Type", type), ("Content-Disposition", "attachment; filename*=UTF-8''\(escaped)")]
    }

    private static func read(_ path: String) throws -> [UInt8] {
        if path == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        guard let data = FileManager.default.contents(atPath: path) else { throw Failure("cannot read \(path)") }
        return Array(data)
    }

    private func show(_ answer: OutgoingAnswer) {
        if include {
            Output.line("HTTP \(answer.status)")
            for (name, value) in answer.headers { Output.line("\(name): \(value)") }
            Output.line()
        }
        guard !answer.body.isEmpty else { return }
        let type = answer.header("content-type") ?? ""
        let isJSON = type.contains("json")
        Output.bytes(isJSON && Output.isTerminal ? IndentedJSON.of(answer.body) : answer.body)
        let isText = isJSON || type.hasPrefix("text/")
        if isText, answer.body.last != UInt8(ascii: "\n") { Output.line() }
    }
}
