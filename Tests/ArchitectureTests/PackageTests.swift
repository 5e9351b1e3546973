import Foundation
import Testing

/// What `Package.swift` says each target depends on: no more than it imports, which would be built for nothing, and no less,
/// which would work only as long as another target asks for it.
@Suite struct PackageTests {
    /// What comes with Swift.
    private static let toolchain: Set = [
        "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Synchronization", "Testing",
    ]

    private struct Target {
        let name: String
        let folder: String
        let dependencies: Set<String>
    }

    /// The targets with Swift sources.
    private func targets() throws -> [Target] {
        let package = try String(
            contentsOf: SourceTree.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        let starts = package.matches(of: /\.(target|executableTarget|testTarget)\(/)
        return try zip(starts, starts.dropFirst().map(\.range.lowerBound) + [package.endIndex]).map { start, end in
            let text = package[start.range.upperBound..<end]
            let name = try #require(text.firstMatch(of: /name: "(\w+)"/)).1
            let folder = text.firstMatch(of: /path: "([^"]+)"/)?.1
            let listed = (text.firstMatch(of: /dependencies: \[([^\]]*)\]/)?.1 ?? "").replacing(
                /package: "[^"]+"/, with: "")
            return Target(
                name: String(name),
                folder: folder.map(String.init) ?? (start.1 == "testTarget" ? "Tests/\(name)" : "Sources/\(name)"),
                dependencies: Set(listed.matches(of: /"(\w+)"/).map { String($0.1) }))
        }
    }

    @Test func `a target depends on what it imports, no more and no less`() throws {
        let targets = try targets()
        #expect(targets.contains { $0.name == "Web" } && targets.contains { $0.name == "WebTests" })
        for target in targets {
            let imported = try SourceTree.files(in: target.folder, endings: ["swift"])
                .reduce(into: Set<String>()) { $0.formUnion($1.imports) }.subtracting(Self.toolchain)
            let (unused, undeclared) = (
                target.dependencies.subtracting(imported), imported.subtracting(target.dependencies)
            )
            #expect(unused.isEmpty, "\(target.name) imports these nowhere")
            #expect(undeclared.isEmpty, "\(target.name) does not declare these")
        }
    }
}
