import Foundation
import Testing

/// Spoilt input reaches every reader: `make fuzz` finds each test of it, and the one over a socket knows each header field.
@Suite struct FuzzRuleTests {
    @Test func `make fuzz finds every test that goes on as long as one likes`() throws {
        let makefile = try String(contentsOf: SourceTree.root.appendingPathComponent("Makefile"), encoding: .utf8)
        #expect(makefile.contains("--filter 'FuzzTests'"))
        for file in try SourceTree.files(in: "Tests", endings: ["swift"]) where file.target != "TestSupport" {
            var suite = ""
            for (number, line) in file.lines.enumerated() {
                if let type = line.firstMatch(of: /^(?:[@\w].*)?(?:struct|extension|class) (\w+)/) {
                    suite = String(type.1)
                }
                guard line.contains(/\bFuzz\.(?:fault|faultInText|seed|goesOn)\(/) else { continue }
                #expect(suite.hasSuffix("FuzzTests"), "\(file.path):\(number + 1) belongs into a suite …FuzzTests")
            }
        }
    }

    @Test func `each header field that is read is spoilt`() throws {
        let files = try SourceTree.files(in: "Sources/Web", endings: ["swift"])
        var names: [Substring: String] = [:]
        for match in files.flatMap({ $0.text.matches(of: /static let (\w+) = HTTPField\.Name\("([\w-]+)"\)/) }) {
            names[match.1] = match.2.lowercased()
        }
        // `headers[.accept]`, `headers[values: .host]`, `headers["Connection"]`; what is written to is followed by `=`
        let reading =
            /(?:headers|headerFields)(?:\[(?:\w+: )?|\.(?:contains|first)\((?:name: )?)(?:\.(\w+)|"([\w-]+)")[\])](?! *=[^=])/
        var read: Set<String> = []
        for line in files.flatMap(\.lines) where !line.contains("response.headers") {
            if line.contains(".cookies[") { read.insert("cookie") }
            for match in line.matches(of: reading) {
                if let name = match.2 { read.insert(name.lowercased()) }
                guard let name = match.1 else { continue }
                read.insert(names[name] ?? name.replacing(/[A-Z]/) { "-\($0.output)" }.lowercased())
            }
        }
        #expect(read.isSuperset(of: ["cookie", "user-agent", "forwarded", "connection", "sec-fetch-site", "if-match"]))
        let suite = try String(
            contentsOf: SourceTree.root.appendingPathComponent("Tests/WebTests/Server/SocketFuzzTests.swift"),
            encoding: .utf8)
        let spoilt = Set(suite.matches(of: /\("([\w-]+)", \[/).map { $0.1.lowercased() })
        #expect(read.subtracting(spoilt) == [], "SocketFuzzTests.fields lacks them")
    }
}
