import Casework
import Foundation

/// The file that holds the keys of stored secrets, one a line.
struct SecretKeysFile {
    let path: String

    /// - Throws: `Failure` where it cannot be read or holds no keys.
    func read() throws -> SecretKeys {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Failure("cannot read \(path)")
        }
        do {
            return try SecretKeys(text)
        } catch {
            throw Failure("\(path) \(error)")
        }
    }

    /// Adds a key; makes the file where it is missing. What it holds already stays as it is, with its remarks.
    /// - Parameter asSpare: last, so that it opens and does not seal yet.
    /// - Throws: `Failure` where the file holds something else or cannot be written.
    func add(_ key: SecretKey, asSpare: Bool = false) throws {
        let line = "\(key.text)  # made \(Date().formatted(.iso8601))\n"
        guard FileManager.default.fileExists(atPath: path) else { return try write(line) }
        _ = try read()
        var text = try String(contentsOfFile: path, encoding: .utf8)
        if !text.hasSuffix("\n") { text += "\n" }
        try write(asSpare ? text + line : line + text)
    }

    private func write(_ text: String) throws {
        try PrivateFile.write(Data(text.utf8), to: path)
    }
}
