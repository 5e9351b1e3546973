import Foundation
import Testing

@Suite struct LayerTests {
    /// What each target may import of our own; everything else is the outside world's.
    static let ladder: [String: Set<String>] = [
        "Dates": [],
        "Events": [],
        "Mail": ["CCurl", "Dates"],
        "Networks": [],
        "Outgoing": ["CCurl", "Networks"],
        "Certificates": ["COpenSSL"],
        "Postgres": ["CLibPQ", "COpenSSL", "Dates", "Events"],
        "PrivatePostgres": ["CLibPQ", "Postgres"],
        "Tenancy": ["Postgres", "SchemaFiles", "COpenSSL"],
        "Casework": ["Dates", "Events", "Outgoing", "Tenancy", "Postgres", "COpenSSL", "CZlib"],
        "Web": ["Dates", "Events", "Mail", "Networks", "Outgoing", "Casework", "Tenancy"],
        "CLI": [
            "Certificates", "Dates", "Events", "Mail", "Networks", "Outgoing", "Web", "Casework", "Tenancy",
            "Postgres", "PrivatePostgres",
        ],
    ]
    static let own: Set<String> = [
        "CCurl", "CLibPQ", "COpenSSL", "CZlib", "Certificates", "Dates", "Events", "Mail", "Networks", "Outgoing",
        "Postgres", "PrivatePostgres", "SchemaFiles", "Tenancy", "Casework", "Web", "CLI",
    ]

    @Test func `a target imports only what stands above it`() throws {
        for file in try SourceTree.files(in: "Sources", endings: ["swift"]) {
            let allowed = try #require(Self.ladder[file.target], "\(file.path): an unknown target")
            for name in file.imports.intersection(Self.own) {
                #expect(allowed.contains(name), "\(file.path) imports \(name)")
            }
        }
    }

    @Test func `no file has more than 400 lines`() throws {
        for folder in ["Sources", "Tests", "sql"] {
            for file in try SourceTree.files(in: folder, endings: ["swift", "sql", "py", "js", "css", "h"]) {
                #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count - 1) lines")
            }
        }
    }

    /// Rooms of the web layer that are no feature.
    static let plumbing: Set<String> = [
        "API", "Assets", "HTML", "HTTP", "Observation", "Pages", "Parts", "Problems", "Server", "Site", "Texts",
        "Words",
    ]

    @Test func `every feature of the web has its twin in casework and its tests`() throws {
        let casework = try SourceTree.folders(in: "Sources/Casework")
        let tests = try SourceTree.folders(in: "Tests/WebTests")
        for feature in try SourceTree.folders(in: "Sources/Web").subtracting(Self.plumbing) {
            #expect(casework.contains(feature), "Sources/Web/\(feature) has no twin in Sources/Casework")
            #expect(tests.contains(feature), "Sources/Web/\(feature) has no tests in Tests/WebTests")
        }
    }

    /// Whoever saves has seen what is stored, or is told: a page never means "whatever there is", and the API only where the
    /// program says so.
    @Test func `a change demands the version that its form or its request names`() throws {
        var changes = 0
        for file in try SourceTree.files(in: "Sources/Web", endings: ["swift"]) {
            let named = file.path.hasSuffix("API.swift") ? "ifMatch: call.ifMatch" : "ifMatch: visit.seenVersion"
            for (number, line) in file.lines.enumerated() where line.contains(/\bifMatch: (?!IfMatch)/) {
                changes += 1
                #expect(line.contains(named), "\(file.path):\(number + 1)")
            }
        }
        #expect(changes >= 28, "\(changes) found")
    }

    @Test func `nothing is printed, forced or set loose outside the places that may`() throws {
        let unstructured = try Regex(#"\bTask(\.detached)?\s*(\(|\{)"#)
        let printing = try Regex(#"(^|[^.\w])print\("#)
        for file in try SourceTree.files(in: "Sources", endings: ["swift"]) {
            for (number, code) in file.lines.enumerated() {
                guard !code.trimmingCharacters(in: .whitespaces).hasPrefix("//") else { continue }
                let place = "\(file.path):\(number + 1)"
                #expect(!code.contains("try!"), "\(place) forces a try")
                #expect(!code.contains("fatalError("), "\(place) gives up the process")
                #expect(!code.contains(printing), "\(place) prints")
                if file.target != "Postgres" { #expect(!code.contains(unstructured), "\(place) starts a loose task") }
            }
        }
    }

    @Test func `SQL text is trusted only where schemas are named`() throws {
        for file in try SourceTree.files(in: "Sources", endings: ["swift"])
        where file.target != "Postgres" && file.target != "Tenancy" {
            #expect(!file.text.contains("SQL(unchecked:"), "\(file.path) builds SQL from text")
        }
    }

    @Test func `the code map names every folder`() throws {
        let map = try String(
            contentsOf: SourceTree.root.appendingPathComponent("Sources/README.md"), encoding: .utf8)
        for target in try SourceTree.folders(in: "Sources") {
            #expect(map.contains("`\(target)/`"), "Sources/README.md does not name \(target)/")
            for folder in try SourceTree.folders(in: "Sources/\(target)") {
                #expect(map.contains("`\(folder)/`"), "Sources/README.md does not name \(target)/\(folder)/")
            }
        }
    }
}
