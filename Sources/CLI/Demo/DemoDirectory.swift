import Casework
import Foundation
import Glibc
import PrivatePostgres

/// The demo's folder: what is kept in it between starts, and the lock that lets one demo at a time use it.
struct DemoDirectory: Sendable {
    /// Absolute path.
    let path: String

    /// Secrets and sign-ins, the same at each start.
    struct State: Codable, Equatable, Sendable {
        struct Account: Codable, Equatable, Sendable {
            var institution: String
            var role: String
            var email: String
            var password: String
        }

        /// Whether it was made with `--empty`.
        var isEmpty: Bool
        /// Passwords of the database logins.
        var logins: [String: String]
        /// Sign-ins that are shown.
        var accounts: [Account]
    }

    /// Makes the folder where it is missing.
    /// - Throws: `Failure` where it cannot be used.
    init(path: String) throws {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: self.path, isDirectory: &isDirectory) {
            guard isDirectory.boolValue else { throw Failure("\(self.path) is not a directory") }
        } else {
            do {
                try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
            } catch {
                throw Failure("cannot make the directory \(self.path): \(Failure.line(for: error))")
            }
        }
        guard access(self.path, W_OK | X_OK) == 0 else { throw Failure("cannot write to the directory \(self.path)") }
    }

    /// Directory of the mails sent.
    var mail: String { path + "/mail" }

    /// The folder from which files of people are taken in, with one in it for each institution.
    var imports: String { path + "/import" }

    private var statePath: String { path + "/sign-ins.json" }
    private var lockPath: String { path + "/lock" }

    /// Makes sure that no other demo uses the folder. Held until the process ends, however it ends.
    /// - Throws: `Failure` where another one does.
    func lock() throws {
        let descriptor = Glibc.open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("cannot write \(lockPath): \(String(cString: strerror(errno)))") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Failure("another demo runs in \(path); stop it or choose another --directory")
        }
    }

    /// What an earlier start kept; nil at the first.
    /// - Throws: `Failure` where the file cannot be understood.
    func state() throws -> State? {
        guard let data = FileManager.default.contents(atPath: statePath) else { return nil }
        guard let state = try? JSONDecoder().decode(State.self, from: data) else {
            throw Failure("\(statePath) cannot be read; start over with --reset")
        }
        return state
    }

    /// Keeps it, readable by the owner only.
    /// - Throws: `Failure`.
    func keep(_ state: State) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try PrivateFile.write(try encoder.encode(state), to: statePath)
    }

    /// The keys that seal secrets; made where they are missing.
    /// - Throws: `Failure` where the file cannot be written or understood; `CaseworkError.lacking`.
    func secretKeys() throws -> SecretKeys {
        let file = SecretKeysFile(path: path + "/secret-keys")
        if !FileManager.default.fileExists(atPath: file.path) { _ = try file.add(SecretKey.random()) }
        return try file.read()
    }

    /// Removes what a demo made here, and nothing else.
    func clear() {
        for name in ["postgresql", "sign-ins.json", "ca.pem", "ca-key.pem", "server.pem", "key.pem", "secret-keys"] {
            try? FileManager.default.removeItem(atPath: path + "/" + name)
        }
        if let elsewhere = Self.serverDirectoryElsewhere(for: path) {
            try? FileManager.default.removeItem(atPath: elsewhere)
        }
    }

    // MARK: Where PostgreSQL lives

    /// The folder of the private server. PostgreSQL refuses to run as root, so where root starts the demo the server's
    /// account must be able to pass through every folder above; where it cannot, the cluster lives below /var/lib.
    /// - Returns: the folder, and whether it lies outside this directory.
    /// - Throws: `Failure` where the folder below /var/lib cannot be made.
    func serverDirectory() throws -> (path: String, isElsewhere: Bool) {
        let inside = path + "/postgresql"
        guard geteuid() == 0, let account = Self.serverAccount else { return (inside, false) }
        let parent = (path as NSString).deletingLastPathComponent
        if Self.passable(parent, account), Self.passable(path, account) || open(to: account) { return (inside, false) }
        guard let elsewhere = Self.serverDirectoryElsewhere(for: path) else { return (inside, false) }
        do {
            try FileManager.default.createDirectory(
                atPath: (elsewhere as NSString).deletingLastPathComponent, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755])
        } catch {
            throw Failure("cannot make \(elsewhere): \(Failure.line(for: error))")
        }
        return (elsewhere, true)
    }

    private typealias ServerAccount = (user: uid_t, group: gid_t)

    private static var serverAccount: ServerAccount? {
        guard let entry = getpwnam("postgres") ?? getpwnam("nobody") else { return nil }
        return (entry.pointee.pw_uid, entry.pointee.pw_gid)
    }

    /// A folder that nobody but root may enter is opened to the server's group alone, for passing through.
    private func open(to account: ServerAccount) -> Bool {
        guard let folder = Folder(path), folder.user == 0, folder.mode & 0o077 == 0 else { return false }
        return chown(path, 0, account.group) == 0 && chmod(path, 0o710) == 0
    }

    /// Whose a folder is and who may enter it.
    private struct Folder {
        let user: uid_t
        let group: gid_t
        let mode: Int

        init?(_ path: String) {
            guard let found = try? FileManager.default.attributesOfItem(atPath: path),
                let user = found[.ownerAccountID] as? NSNumber, let group = found[.groupOwnerAccountID] as? NSNumber,
                let mode = found[.posixPermissions] as? NSNumber
            else { return nil }
            self.user = user.uint32Value
            self.group = group.uint32Value
            self.mode = mode.intValue
        }
    }

    private static func passable(_ path: String, _ account: ServerAccount) -> Bool {
        var folder = path
        while true {
            guard let found = Folder(folder) else { return false }
            let bit = found.user == account.user ? 0o100 : found.group == account.group ? 0o010 : 0o001
            guard found.mode & bit != 0 else { return false }
            if folder == "/" { return true }
            folder = (folder as NSString).deletingLastPathComponent
        }
    }

    /// One folder below /var/lib for each demo directory.
    private static func serverDirectoryElsewhere(for path: String) -> String? {
        guard geteuid() == 0 else { return nil }
        let mark = path.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "/var/lib/waymark-demo/" + String(mark, radix: 36)
    }
}
