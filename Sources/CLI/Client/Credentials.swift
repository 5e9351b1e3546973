import Foundation

/// Where `waymark login` keeps what it got: `~/.config/waymark/credentials.json`, readable by its owner only.
struct Credentials: Codable, Equatable {
    /// One sign-in.
    struct Session: Codable, Equatable {
        /// The bearer token.
        var token: String
        /// Whose it is.
        var email: String
        /// When it ends, as the server said.
        var expiresAt: String
        /// PEM file of the authority that signed the server's certificate; nil for the system's own.
        var certificateAuthority: String?
    }

    /// The institution `waymark api` talks to where none is named.
    var current: String?
    /// Sign-ins by the institution's address.
    var sessions: [String: Session] = [:]

    /// The file, below `XDG_CONFIG_HOME` or `~/.config`.
    static func path(environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        let home = environment["HOME"] ?? NSHomeDirectory()
        let base = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.config"
        return base + "/waymark/credentials.json"
    }

    /// What is kept; nothing where there is no file.
    /// - Throws: `Failure` where the file cannot be understood.
    static func load(from path: String = path()) throws -> Credentials {
        guard let data = FileManager.default.contents(atPath: path) else { return Credentials() }
        do {
            return try JSONDecoder().decode(Credentials.self, from: data)
        } catch {
            throw Failure("\(path) cannot be read; remove it and run waymark login again")
        }
    }

    /// Replaces the file.
    /// - Throws: `Failure` where it cannot be written.
    func save(to path: String = path()) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try PrivateFile.write(try encoder.encode(self), to: path)
    }
}
