import Casework
import Foundation
import Logging
import Postgres
import PrivatePostgres
import ServiceLifecycle
import Tenancy
import Web

/// `make bench`: ratios, each from one run against a named baseline. Prints a table, line by line as it is measured.
///
/// Arguments: `--quick` for short runs, `--only fb` for the measurements of those letters, `--scale` for `make bench-scale`. A measurement that fails is told
/// on standard error and costs the exit code, not the others.
@main
enum Bench {
    struct Line {
        let what: String
        let ours: String
        let baseline: String
        let ratio: Double
        let aim: String

        var row: String { "| \(what) | \(ours) | \(baseline) | \(String(format: "%.2f", ratio)) | \(aim) |" }
    }

    static func main() async {
        HashingMemory.install()  // as the program does
        do {
            try await run()
        } catch {
            say("waymark bench: \(error)")
            exit(1)
        }
    }

    private static func run() async throws {
        let quick = CommandLine.arguments.contains("--quick")
        let time = quick ? 3 : 8
        let directory = URL(fileURLWithPath: "/tmp/waymark-bench-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
        defer { try? FileManager.default.removeItem(at: directory) }
        let server = PrivateServer(
            directory: directory.appendingPathComponent("postgres").path,
            options: ["shared_buffers": "256MB", "max_locks_per_transaction": "512", "max_connections": "200"])
        do {
            try await tool(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj",
                    "/CN=localhost", "-keyout", "\(directory.path)/key.pem", "-out", "\(directory.path)/cert.pem",
                ])
            if CommandLine.arguments.contains("--scale") {
                try await scale(server: server, directory: directory, time: time)
            } else {
                try await measureAll(server: server, directory: directory, time: time, quick: quick)
            }
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private static func measureAll(server: PrivateServer, directory: URL, time: Int, quick: Bool) async throws {
        let stage = try await Stage.make(server: server, directory: directory)
        say("20,000 students in 40 cohorts are ready")
        let failed = try await serving(stage.deployment, in: directory) { port in
            await measure(stage, port: port, time: time, quick: quick)
        }
        await stage.deployment.close()
        await stage.migrator.close()
        guard failed.isEmpty else { throw ToolFailure(description: "failed: \(failed)") }
    }

    /// Runs the server in this process while something is measured.
    /// - Parameter kept: what it keeps of cohorts' content.
    static func serving<T: Sendable>(
        _ deployment: Deployment, in directory: URL, kept: KeptContent = KeptContent(),
        _ body: @escaping @Sendable (Int) async throws -> T
    ) async throws -> T {
        var logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let (ports, announce) = AsyncStream<Int>.makeStream()
        var site = Site(
            deployment: deployment, passwords: PasswordHasher(), domain: "localhost", logger: logger)
        site.keptContent = kept
        let web = try WebServer(
            site: site,
            configuration: .init(
                address: "127.0.0.1", port: 0,
                tls: TLS(
                    certificatePath: "\(directory.path)/cert.pem", keyPath: "\(directory.path)/key.pem"))
        ) { port in announce.yield(port) }
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask {
                try await web.run()
                return nil
            }
            group.addTask {
                for await port in ports { return try await body(port) }
                return nil
            }
            while let result = try await group.next() {
                if let result {
                    group.cancelAll()
                    return result
                }
            }
            throw ToolFailure(description: "the server ended by itself")
        }
    }

    /// Prints a table of what was asked for.
    /// - Returns: the letters that failed.
    private static func measure(_ stage: Stage, port: Int, time: Int, quick: Bool) async -> String {
        let arguments = CommandLine.arguments
        let only = arguments.firstIndex(of: "--only").flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
        let address = "https://127.0.0.1:\(port)"
        let students = quick ? 10_000 : 100_000
        func lines(_ letter: Character) async throws -> [Line] {
            switch letter {
            case "a": [try await dashboard(stage, address: address, time: time)]
            case "b": try await taxes(stage, time: time)
            case "c": try await csv(stage, address: address, students: students)
            case "d": [try await institutions(stage, address: address, time: time, count: quick ? 50 : 500)]
            case "e": try await driver(stage, time: time)
            case "f": try await pages(stage, address: address, time: time)
            case "g": try await flood(stage, port: port, signIns: quick ? 20 : 100, students: students)
            case "h": try await idle(stage, port: port, count: quick ? 500 : 2_000)
            case "i": try await peer(stage, address: address, time: time)
            case "j": try await caseload(stage, address: address, time: time)
            case "k": try await mails(stage, count: quick ? 1_000 : 10_000)
            case "l": try await search(stage, address: address, accounts: quick ? 20_000 : 200_000, time: time)
            case "m": try await importing(stage, port: port, seconds: quick ? 10 : 40, students: students)
            case "o": try await roster(stage, address: address, students: students)
            default: throw ToolFailure(description: "--only takes letters of abcdefghijklmo")
            }
        }
        var failed = ""
        write("\n| what | ours | baseline | ratio | aim |\n|---|---|---|---|---|")
        for letter in only ?? "abcdefghijklmo" {
            do {
                for line in try await lines(letter) { write(line.row) }
            } catch {
                say("(\(letter)) \(error)")
                failed.append(letter)
            }
        }
        return failed
    }

    /// (a) The student's dashboard, against what would be left of the two halves it needs: this server answering with
    /// nothing, and PostgreSQL answering `pgbench` with the same SQL.
    static func dashboard(_ stage: Stage, address: String, time: Int) async throws -> Line {
        let script = requests(tokens: stage.tokens.map { ("bench", $0.text) }, path: "/api/v1/dashboard")
        _ = try await wrk(address, seconds: 2, script: script, directory: stage.directory)
        let dashboard = try await wrk(address, seconds: time, script: script, directory: stage.directory)
        let hello = try await wrk(
            address, seconds: time, script: requests(tokens: [("bench", "")], path: "/healthz"),
            directory: stage.directory)
        let baseline = try await pgbenchDashboard(stage, time: time)
        let limit = 1 / (1 / hello.perSecond + 1 / baseline)
        return Line(
            what: "(a) dashboard over TLS ÷ 1/(1/hello + 1/pgbench)", ours: rate(dashboard.perSecond),
            baseline: "\(rate(limit)) (hello \(rate(hello.perSecond)), pgbench \(rate(baseline)))",
            ratio: dashboard.perSecond / limit, aim: "≥ 0.7")
    }

    /// Imports a file through the API; one of students, unless something else is said.
    static func upload(
        _ file: URL, to slug: String, port: Int, token: SessionToken, directory: URL, path: String = "students",
        type: String = "text/csv"
    ) async throws {
        let answer = try await tool(
            "curl",
            [
                "-sk", "--interface", "127.0.0.3", "--resolve", "\(slug).localhost:\(port):127.0.0.1", "-H",
                "Authorization: Bearer \(token.text)", "-H", "Content-Type: \(type)", "--data-binary",
                "@\(file.path)", "-o", "\(directory.path)/report", "-w", "%{http_code}",
                "https://\(slug).localhost:\(port)/api/v1/imports/\(path)",
            ])
        guard answer == "200" else { throw ToolFailure(description: "the import was answered with \(answer)") }
    }

    /// (c) A registrar's file through the API, against COPY of the same lines into a bare table; and against the least that
    /// keeps the same promises: one INSERT of all into tables with the same columns, checks and indexes, and their audit.
    static func csv(_ stage: Stage, address: String, students: Int) async throws -> [Line] {
        let file = stage.directory.appendingPathComponent("students.csv")
        var text = "email,given_name,family_name,student_number\n"
        for number in 0..<students { text += "import\(number)@example.edu,Given\(number),Family\(number),N\(number)\n" }
        try text.write(to: file, atomically: true, encoding: .utf8)
        let token = try await Stage.session(of: "admin", at: stage.institution, migrator: stage.migrator)
        let ours = try await seconds {
            try await upload(
                file, to: "bench", port: URL(string: address)?.port ?? 0, token: token, directory: stage.directory)
        }
        try await tool(
            "psql",
            [
                "-qc", "create table bare (email text, given_name text, family_name text, student_number text)",
                stage.superuser,
            ])
        let copy = try await seconds {
            try await tool(
                "psql", ["-qc", "\\copy bare from '\(file.path)' with (format csv, header)", stage.superuser])
        }
        let schema = stage.institution.schema
        try await tool(
            "psql",
            [
                "-qc",
                """
                create schema floor;
                create table floor.accounts (like \(schema).accounts including all);
                create table floor.audit (like \(schema).audit including all)
                """, stage.superuser,
            ])
        let floor = try await seconds {
            try await tool(
                "psql",
                [
                    "-qc",
                    """
                    insert into floor.accounts (email, given_name, family_name, role, student_number)
                    select email, given_name, family_name, 'student', student_number from bare;
                    insert into floor.audit (action, subject, after)
                    select 'account.create', 'account/' || id, jsonb_build_object('email', email, 'givenName', given_name,
                      'familyName', family_name, 'role', role, 'status', status, 'studentNumber', student_number)
                    from floor.accounts
                    """, stage.superuser,
                ])
        }
        func line(_ what: String, _ baseline: Double, _ aim: String) -> Line {
            Line(
                what: "(c) CSV of \(students) students: \(what) ÷ import", ours: String(format: "%.2f s", ours),
                baseline: String(format: "%.2f s", baseline), ratio: baseline / ours, aim: aim)
        }
        return [
            line("COPY into a bare table", copy, "≥ 0.3"),
            line("INSERT with the same indexes and audit", floor, "≥ 0.5"),
        ]
    }

    /// (d) The same small dashboard at one institution, and spread over many.
    static func institutions(_ stage: Stage, address: String, time: Int, count: Int) async throws -> Line {
        var tokens: [(slug: String, token: String)] = []
        for number in 0..<count {
            let place = try await stage.migrator.create(slug: "college\(number)", name: "College \(number)")
            try await Stage.fill(place, students: 20, cohorts: 2, migrator: stage.migrator)
            let token = try await Stage.sessions(place, count: 1, migrator: stage.migrator)[0]
            tokens.append((place.slug, token.text))
        }
        say("\(count) institutions more are ready")
        let path = "/api/v1/dashboard"
        let single = requests(tokens: [tokens[0]], path: path)
        let spread = requests(tokens: tokens, path: path)
        _ = try await wrk(address, seconds: 2, script: single, directory: stage.directory)
        let one = try await wrk(address, seconds: time, script: single, directory: stage.directory)
        _ = try await wrk(address, seconds: 20, script: spread, directory: stage.directory)
        let many = try await wrk(address, seconds: time, script: spread, directory: stage.directory)
        return Line(
            what: "(d) median with \(count) institutions ÷ with one", ours: String(format: "%.2f ms", many.median),
            baseline: String(format: "%.2f ms", one.median), ratio: many.median / one.median, aim: "≤ 1.2")
    }

    /// (f) What people keep open all day, as pages beside the same by the API: the student's dashboard, and the first 50 of
    /// the 5,000 requests in a queue. The API has no queue; the nearest is the same rows of one of its eight cohorts.
    static func pages(_ stage: Stage, address: String, time: Int) async throws -> [Line] {
        let staff = try await Stage.session(of: "staff", at: stage.institution, migrator: stage.migrator)
        func load(_ tokens: [SessionToken], _ path: String, asPage: Bool = false) async throws -> Load {
            let script = requests(tokens: tokens.map { ("bench", $0.text) }, path: path, byCookie: asPage)
            _ = try await wrk(address, seconds: 1, script: script, directory: stage.directory)
            return try await wrk(address, seconds: time, script: script, directory: stage.directory)
        }
        func line(_ what: String, _ page: Load, _ api: Load) -> Line {
            Line(
                what: "(f) \(what)", ours: "\(rate(page.perSecond)), \(String(format: "%.1f ms", page.median))",
                baseline: "\(rate(api.perSecond)), \(String(format: "%.1f ms", api.median))",
                ratio: page.perSecond / api.perSecond, aim: "≥ 0.6")
        }
        let cohorts = SQL("select min(id) from cohorts where id % 5 = 4").value(Int.self)
        let cohort = try await stage.migrator.work(in: stage.institution)(cohorts)
        return [
            line(
                "dashboard: page ÷ API", try await load(stage.tokens, "/dashboard", asPage: true),
                try await load(stage.tokens, "/api/v1/dashboard")),
            line(
                "queue of 5,000: page ÷ a cohort's requests by API", try await load([staff], "/queue", asPage: true),
                try await load([staff], "/api/v1/cohorts/\(cohort)/progress?status=submitted&limit=50")),
        ]
    }

    /// Lua for wrk: the tokens in turn, as bearer tokens or as a browser sends them.
    static func requests(tokens: [(slug: String, token: String)], path: String, byCookie: Bool = false) -> String {
        let (field, prefix) = byCookie ? ("Cookie", "__Host-waymark=") : ("Authorization", "Bearer ")
        let entries = tokens.map { "{\"\($0.slug).localhost\", \"\($0.token)\"}" }.joined(separator: ",")
        return """
            local all = {\(entries)}
            local n = 0
            request = function()
              n = n % #all + 1
              return wrk.format("GET", "\(path)", {["Host"] = all[n][1], ["\(field)"] = "\(prefix)" .. all[n][2]})
            end
            """
    }

    static func pipeline(_ statements: [String]) -> String {
        "\\set i random(0, 63)\n\\startpipeline\n" + statements.map { $0 + ";\n" }.joined() + "\\endpipeline\n"
    }

    static func rate(_ value: Double) -> String { String(format: "%.0f/s", value) }

    static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    static func write(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}
