import Foundation

/// The checkout's files, as text.
enum SourceTree {
    struct File {
        /// Below the checkout: `Sources/Web/API/Route.swift`.
        let path: String
        let text: String

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        /// The modules it imports.
        var imports: Set<String> {
            Set(
                text.matches(of: /(?m)^ *(?:@\w+ +)*(?:\w+ +)?import +(?:[a-z]+ +)?(\w+)/).map { String($0.1) })
        }
        /// The folder below `Sources` or `Tests`: `Web`.
        var target: String { String(path.split(separator: "/")[1]) }
    }

    /// This file stands at `Tests/ArchitectureTests/`.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func files(in folder: String, endings: Set<String>) throws -> [File] {
        let base = root.appendingPathComponent(folder)
        guard let walker = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil) else { return [] }
        return try walker.compactMap { $0 as? URL }.filter { endings.contains($0.pathExtension) }.map { url in
            File(
                path: String(url.path.dropFirst(root.path.count + 1)),
                text: try String(contentsOf: url, encoding: .utf8))
        }.sorted { $0.path < $1.path }
    }

    /// Names of the folders directly in a folder.
    static func folders(in folder: String) throws -> Set<String> {
        let base = root.appendingPathComponent(folder)
        let names = try FileManager.default.contentsOfDirectory(atPath: base.path)
        return Set(
            names.filter {
                (try? base.appendingPathComponent($0).resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true
            })
    }
}
