import Foundation

/// The SQL files of this folder, as they were when the program was built.
public enum SchemaFiles {
    /// One file: its path below `sql/` and its text.
    public struct File: Sendable, Equatable {
        /// For example `institution/0061_accounts.sql`.
        public let path: String
        /// The file's text, with its `{{placeholders}}`.
        public let text: String

        /// The file's name without its ending: `0061_accounts`.
        public var name: String {
            String(path.split(separator: "/").last?.dropLast(4) ?? "")
        }
    }

    /// A folder that is missing from the program's resources.
    public struct Missing: Error, CustomStringConvertible {
        /// Which one, in a line for the operator.
        public let description: String
    }

    /// The `.sql` files directly in a folder, by name.
    /// - Parameter folder: `cluster`, `platform`, `institution`, `institution/definitions` or `reports`.
    /// - Throws: `Missing`, or the file system's error.
    public static func files(in folder: String) throws -> [File] {
        let directory = Bundle.module.bundleURL.appendingPathComponent(folder)
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path) else {
            throw Missing(description: "the program's SQL files are missing: \(directory.path)")
        }
        return try names.filter { $0.hasSuffix(".sql") }.sorted().map { name in
            File(
                path: "\(folder)/\(name)",
                text: try String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8))
        }
    }

    /// One file.
    /// - Throws: `Missing` where there is none of that path.
    public static func file(_ path: String) throws -> File {
        let url = Bundle.module.bundleURL.appendingPathComponent(path)
        guard let text = try? String(contentsOf: url, encoding: .utf8) else {
            throw Missing(description: "the program's SQL file is missing: \(path)")
        }
        return File(path: path, text: text)
    }
}
