import Glibc

/// The operating-system account a private server runs as: our own, or, as PostgreSQL refuses to run as root, `postgres`
/// (`nobody` where there is none).
struct ServerAccount: Sendable {
    let name: String
    let user: uid_t
    let group: gid_t
    /// Put before a command to run it as this account, and to interrupt it when we end, however that is.
    let prefix: [String]

    /// Whether it is another than our own.
    var isOther: Bool { user != geteuid() }

    static func choose() throws -> ServerAccount {
        let setpriv = Executables.find("setpriv")
        // The kernel forgets the signal when the account changes: `setpriv` asks for it afterwards.
        let leash = "--pdeathsig=INT"
        guard geteuid() == 0 else {
            let prefix = setpriv.map { [$0, leash, "--"] } ?? []
            return ServerAccount(name: "", user: geteuid(), group: getegid(), prefix: prefix)
        }
        for name in ["postgres", "nobody"] {
            guard let entry = getpwnam(name) else { continue }
            let (user, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
            guard let setpriv else {
                throw PrivateServerError("running PostgreSQL as root's servant needs the program setpriv (util-linux)")
            }
            let prefix = [setpriv, "--reuid=\(user)", "--regid=\(group)", "--clear-groups", leash, "--"]
            return ServerAccount(name: name, user: user, group: group, prefix: prefix)
        }
        throw PrivateServerError("PostgreSQL does not run as root, and there is no account postgres or nobody")
    }
}

/// What keeps a private server from working, for the person who started it.
public struct PrivateServerError: Error, Sendable, CustomStringConvertible {
    /// What is wrong, and where there is one, the way out.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Where programs are.
enum Executables {
    static func find(_ name: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let places = path.split(separator: ":").map(String.init) + ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]
        return places.map { $0 + "/" + name }.first { access($0, X_OK) == 0 }
    }

    /// The directory with `initdb` and `postgres`: from WAYMARK_PG_BIN, `pg_config`, Debian's places, or PATH.
    static func postgresDirectory() throws -> String {
        if let given = getenv("WAYMARK_PG_BIN") {
            let directory = String(cString: given)
            if holdsServer(directory) { return directory }
            throw PrivateServerError("WAYMARK_PG_BIN names \(directory), which holds no initdb and postgres")
        }
        var places: [String] = []
        if let program = find("pg_config"), let answer = try? ChildProcess.run([program, "--bindir"]) {
            places.append(String(answer.output.prefix { $0 != "\n" }))
        }
        places += versions(in: "/usr/lib/postgresql").map { "/usr/lib/postgresql/\($0)/bin" }
        if let initdb = find("initdb") { places.append(String(initdb.dropLast("/initdb".count))) }
        guard let found = places.first(where: holdsServer) else {
            throw PrivateServerError(
                "no PostgreSQL server found; install one, or set WAYMARK_PG_BIN to the directory of initdb and postgres"
            )
        }
        return found
    }

    private static func holdsServer(_ directory: String) -> Bool {
        ["initdb", "postgres"].allSatisfy { access(directory + "/" + $0, X_OK) == 0 }
    }

    private static func versions(in directory: String) -> [Int] {
        guard let handle = opendir(directory) else { return [] }
        defer { closedir(handle) }
        var versions: [Int] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let version = Int(name) { versions.append(version) }
        }
        return versions.sorted(by: >)
    }
}
