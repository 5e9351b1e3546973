import Foundation
import TestSupport
import Testing

/// What `docker/` hands to operators is well-formed and says what the README says.
@Suite struct DeploymentTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The unit's settings, as `Service.Restart`.
    private func unit() throws -> [String: String] {
        var section = ""
        var settings: [String: String] = [:]
        for line in try text("docker/waymark.service").split(separator: "\n") where !line.hasPrefix("#") {
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
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")))
    func `systemd finds no fault in the unit`() async throws {
        let folder = try TemporaryFolder()
        // it looks for the program, which is not installed here
        let unit = try text("docker/waymark.service").replacing("/opt/waymark/waymark serve", with: "/bin/true")
        let path = try folder.write(unit, to: "waymark.service")
        try folder.write("", to: "in")
        let process = try ChildProcess(
            ["/usr/bin/systemd-analyze", "verify", path], environment: [:], folder: folder.path)
        _ = try await process.end()
        let said = folder.text("out") + folder.text("err")
        #expect(!said.contains(path), "\(said)")
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
