import CLibPQ
import COpenSSL
import Glibc

/// How to reach the server: libpq's connection string as it is (hosts, TLS, files), and the few settings of ours.
struct ConnectRequest: Sendable {
    var conninfo: String
    var user: String?
    var applicationName: String?
    var timeout: Duration
    /// The session's time limits, by the server's names for them; what is not here stays the server's.
    var limits: [(name: String, time: Duration)] = []

    /// `host:port/database` for the log, without any secret.
    var place: String {
        guard let options = PQconninfoParse(conninfo, nil) else { return "" }
        let given = Self.values(of: options)
        PQconninfoFree(options)
        let host = given["host"] ?? given["hostaddr"] ?? "localhost"
        return "\(host):\(given["port"] ?? "5432")/\(given["dbname"] ?? "")"
    }

    /// A libpq connection ready for use, handed from the thread that made it to the one that keeps it.
    struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// Connects on a thread of its own, since libpq resolves names and tries its hosts one after the other, blocking.
    /// `done` is called there.
    func start(_ done: @escaping @Sendable (Result<Handle, PostgresError>) -> Void) {
        _ = Self.keepsOpenSSL
        let started = Threads.start { done(self.connect()) }
        if !started { done(.failure(PostgresError(.connection, "no thread left to connect"))) }
    }

    /// Asks OpenSSL not to free its tables when the process exits: a thread that connects just then would read them.
    private static let keepsOpenSSL = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)

    private func connect() -> Result<Handle, PostgresError> {
        var errorText: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(conninfo, &errorText) else {
            PQfreemem(errorText)
            // libpq's message would repeat the string, and with it the password.
            return .failure(PostgresError(.connection, "the connection string cannot be read"))
        }
        let given = Self.values(of: options)
        PQconninfoFree(options)

        var settings: [(String, String)] = [
            // What the connection string may override comes before it, what it may not after it.
            ("connect_timeout", String(perHost(given["host"] ?? given["hostaddr"] ?? ""))),
            ("tcp_user_timeout", "4000"), ("keepalives_idle", "10"), ("keepalives_interval", "2"),
            ("keepalives_count", "3"), ("dbname", conninfo), ("client_encoding", "UTF8"),
        ]
        if let user { settings.append(("user", user)) }
        if let applicationName { settings.append(("application_name", applicationName)) }
        if !limits.isEmpty {
            let ours = limits.map { "-c \($0.name)=\(max($0.time.milliseconds, 1))" }.joined(separator: " ")
            let theirs = given["options"] ?? getenv("PGOPTIONS").map { String(cString: $0) } ?? ""
            settings.append(("options", theirs.isEmpty ? ours : theirs + " " + ours))
        }
        return Self.connect(settings)
    }

    private static func connect(_ settings: [(String, String)]) -> Result<Handle, PostgresError> {
        var keys: [UnsafePointer<CChar>?] = settings.map { UnsafePointer(strdup($0.0)) }
        var values: [UnsafePointer<CChar>?] = settings.map { UnsafePointer(strdup($0.1)) }
        keys.append(nil)
        values.append(nil)
        defer { for text in keys + values { free(UnsafeMutablePointer(mutating: text)) } }
        guard let handle = PQconnectdbParams(keys, values, 1) else {
            return .failure(PostgresError(.connection, "out of memory"))
        }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            return .failure(.connection(handle, sent: false))
        }
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            defer { PQfinish(handle) }
            return .failure(.connection(handle, sent: false))
        }
        return .success(Handle(pointer: handle))
    }

    private static func values(of options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }

    /// libpq's limit is for each host, so that a dead first one leaves time for the second; 2 s is its least.
    private func perHost(_ hosts: String) -> Int64 {
        let count = Int64(hosts.split(separator: ",", omittingEmptySubsequences: false).count)
        return max(2, timeout.milliseconds / 1000 / max(count, 1))
    }
}
