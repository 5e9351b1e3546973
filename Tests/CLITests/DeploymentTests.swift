import Foundation
import Tenancy
import TestSupport
import Testing

/// What `docker/` hands to operators is well-formed and says what the README says.
@Suite struct DeploymentTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The settings of a unit that runs a command, as `Service.Restart`.
    private func unit(_ command: String = "serve") throws -> [String: String] {
        var section = ""
        var settings: [String: String] = [:]
        for line in try text(Self.units[command] ?? "").split(separator: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix("["), line.hasSuffix("]") {
                section = line.dropFirst().dropLast() + "."
                continue
            }
            let equals = try #require(line.firstIndex(of: "="), "\(line)")
            let key = section + line[..<equals]
            #expect(settings[key] == nil, "\(key) twice")
            settings[key] = String(line[equals...].dropFirst())
        }
        return settings
    }

    /// By the command they run.
    private static let units = ["serve": "docker/waymark.service", "work": "docker/waymark-work.service"]

    /// The image's instructions, in order. Lines that end in a backslash go on.
    private func instructions() throws -> [(name: String, rest: String)] {
        try text("docker/Dockerfile").replacing("\\\n", with: " ").split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
            .map { line in
                let name = line.prefix { $0 != " " }
                return (String(name), line.dropFirst(name.count).trimmingCharacters(in: .whitespaces))
            }
    }

    @Test func `the unit starts the server again, ends it in time and reports a crash in short`() throws {
        let unit = try unit()
        let readme = try text("README.md").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(unit["Service.ExecStart"]?.hasSuffix("/waymark serve") == true)
        #expect(unit["Service.Restart"] == "always" && readme.contains("`Restart=always`"))
        #expect(unit["Unit.StartLimitIntervalSec"] == "0", "however often it ends")
        #expect(unit["Service.Environment"]?.hasPrefix("SWIFT_BACKTRACE=interactive=no,") == true)
        let stop = try #require(unit["Service.TimeoutStopSec"].flatMap { Int($0) })
        #expect(readme.contains("ends within 25 s") && stop > 30, "five more seconds for what does not close")
        let files = try #require(unit["Service.LimitNOFILE"].flatMap { Int($0) })
        #expect(files > 8_192, "connections at once")
        #expect(unit["Install.WantedBy"] == "multi-user.target")
        // the worker's unit is the same but for what it runs
        let own: Set = ["Service.ExecStart", "Unit.Description", "Service.LimitNOFILE", "Service.AmbientCapabilities"]
        let worker = try self.unit("work")
        #expect(worker["Service.ExecStart"]?.hasSuffix("/waymark work") == true)
        #expect(worker.filter { !own.contains($0.key) } == unit.filter { !own.contains($0.key) })
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")))
    func `systemd finds no fault in the units`() async throws {
        let folder = try TemporaryFolder()
        var paths: [String] = []
        for (command, path) in Self.units {
            // it looks for the program, which is not installed here
            let unit = try text(path).replacing("/opt/waymark/waymark \(command)", with: "/bin/true")
            paths.append(try folder.write(unit, to: "waymark-\(command).service"))
        }
        try folder.write("", to: "in")
        let process = try ChildProcess(
            ["/usr/bin/systemd-analyze", "verify"] + paths, environment: [:], folder: folder.path)
        _ = try await process.end()
        let said = folder.text("out") + folder.text("err")
        #expect(!paths.contains { said.contains($0) }, "\(said)")
    }

    @Test func `systemd is told when the program answers, and when it ends`() async throws {
        let place = try TemporaryFolder()
        let socket = try NoticeSocket(place.path + "/notify")
        let stage = try await ServedCollege.start { _ in ["NOTIFY_SOCKET": place.path + "/notify"] }
        #expect(try await socket.next() == "READY=1")
        // it is true
        try await SecureClient.with(
            port: stage.port, certificate: stage.certificate, hosts: ["\(stage.college.institution.slug).localhost"]
        ) { clients in
            let stranger = try await clients[0].send("GET", "/me")
            #expect(stranger.status == 401)
        }
        try await stage.end()
        #expect(try await socket.next() == "STOPPING=1")
    }

    @Test func `the image copies what there is, runs as nobody special, and reports a crash as the unit does`() throws {
        let instructions = try instructions()
        let names: Set = [
            "ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL", "ENTRYPOINT",
            "CMD",
        ]
        #expect(instructions.allSatisfy { names.contains($0.name) }, "\(instructions.map(\.name))")
        let last = Dictionary(instructions.map { ($0.name, $0.rest) }) { $1 }
        let images = instructions.filter { $0.name == "ARG" && $0.rest.contains("/") }
        for image in images { #expect(image.rest.contains(":"), "no version: \(image.rest)") }
        for (name, rest) in instructions where name == "FROM" {
            #expect(rest.hasPrefix("${") || rest.hasPrefix("scratch "), "an image of its own: \(rest)")
        }
        for (name, rest) in instructions where name == "COPY" && !rest.hasPrefix("--from") {
            // what docker/take-program makes is no file of ours
            for source in rest.split(separator: " ").dropLast() where source != "docker/program/" {
                let path = Self.root.appendingPathComponent(String(source)).path
                #expect(FileManager.default.fileExists(atPath: path), "\(source)")
            }
        }
        #expect(last["USER"] == "waymark" && last["STOPSIGNAL"] == "SIGTERM" && last["CMD"] == #"["serve"]"#)
        let report = try #require(try unit()["Service.Environment"])
        #expect(last["ENV"]?.contains(report) == true)
        #expect(try text("docker/compose.yml").contains("restart: always"))
        let entry = try #require(last["ENTRYPOINT"]?.split(separator: "\"").dropFirst().first)
        #expect(instructions.contains { $0.name == "COPY" && $0.rest == "docker/entrypoint \(entry)" })
        #expect(
            FileManager.default.isExecutableFile(atPath: Self.root.appendingPathComponent("docker/entrypoint").path))
    }

    /// What Debian calls the library that programs need which were built with its header files.
    private static let runtime = [
        "libpq-dev": "libpq5", "libssl-dev": "libssl3", "libcurl4-openssl-dev": "libcurl4",
        "zlib1g-dev": "zlib1g",
    ]

    @Test func `the machine that runs the program has each library it was built with`() throws {
        let instructions = try instructions()
        let last = try #require(instructions.lastIndex { $0.name == "FROM" })
        let image = try #require(instructions[last...].first { $0.name == "RUN" }).rest.split(separator: " ")
        let readme = try #require(
            try text("README.md").split(separator: "\n").first { $0.contains("runs what was built elsewhere") })
        let builder = try text("docker/install-debian.sh").split(whereSeparator: \.isWhitespace)
        let libraries = try text("Package.swift").split(separator: "\n").filter { $0.contains(".systemLibrary(") }
        #expect(!libraries.isEmpty)
        for library in libraries {
            let provider = try #require(library.firstMatch(of: /\.apt\(\["([^"]+)"\]\)/), "\(library)")
            let package = try #require(Self.runtime[String(provider.1)], "\(provider.1): which library?")
            #expect(builder.contains(provider.1), "docker/install-debian.sh lacks \(provider.1)")
            #expect(image.contains { $0 == package }, "the image lacks \(package)")
            #expect(readme.contains(package), "README.md lacks \(package)")
        }
    }

    @Test func `what takes minutes is announced by what it will build`() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/.build/debug", withIntermediateDirectories: true)
        try folder.write("", to: ".build/debug/waymark")
        // only the announcement, told from the rest of a target by its words
        for (target, isAnnounced) in [("demo", false), ("test", true)] {
            let makefile = try text("Makefile").split(separator: "\n", omittingEmptySubsequences: false)
                .filter { !$0.hasPrefix("\t") || $0.contains("announce") }.joined(separator: "\n")
            try folder.write(makefile, to: "Makefile")
            let made = try await ChildProcess.run(["/usr/bin/make", "-C", folder.path, target])
            #expect(made.status == 0 && made.said.contains("The first time takes") == isAnnounced, "\(made.said)")
        }
    }

    @Test(arguments: [("0", "serve --port 1\n"), ("1", "migrate\nserve --port 1\n")])
    func `the entry point migrates where it is told to, and becomes the command`(migrate: String, said: String)
        async throws
    {
        let folder = try TemporaryFolder()
        let program = try folder.write("#!/bin/sh\necho \"$@\"; echo $$ > \(folder.path)/last\n", to: "waymark")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        try folder.write("", to: "in")
        let process = try ChildProcess(
            [Self.root.appendingPathComponent("docker/entrypoint").path, "serve", "--port", "1"],
            environment: ["PATH": folder.path + ":/usr/bin:/bin", "WAYMARK_MIGRATE": migrate], folder: folder.path)
        #expect(try await process.end() == 0)
        #expect(folder.text("out") == said, "\(folder.text("err"))")
        // signals of the container reach it
        #expect(folder.text("last") == "\(process.processIdentifier)\n")
    }
}

/// The socket on which systemd hears of a service.
private final class NoticeSocket: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let isBound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
    }

    deinit { close(descriptor) }

    /// The next message.
    func next() async throws -> String {
        var bytes = [UInt8](repeating: 0, count: 256)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count >= 0 { return String(decoding: bytes.prefix(count), as: UTF8.self) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
