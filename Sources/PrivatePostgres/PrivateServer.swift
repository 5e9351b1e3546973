import CLibPQ
import Glibc
import Postgres
import Synchronization

/// A private PostgreSQL server below a directory, for demonstrations and tests: made on first start, reachable on
/// a loopback port only, its superuser's password in a file only the owner can read.
///
///     <directory>/data       the cluster (UTF-8, C.UTF-8, SCRAM)
///     <directory>/password   of the superuser `postgres`
///     <directory>/log        what the server writes
///
/// Started by root, the server runs as `postgres`, which must be able to enter the directory.
public final class PrivateServer: Sendable {
    private struct State {
        var process: pid_t?
        var port: Int?
        /// Whether the process is ours to wait for, not one found running.
        var isChild = false
    }

    private let directory: String
    private let options: [String: String]
    private let state = Mutex(State())

    /// Nothing happens before ``start()``. Options are server settings, such as `["fsync": "off"]`.
    public init(directory: String, options: [String: String] = [:]) {
        self.directory = directory
        self.options = options
    }

    /// The server's port while it runs and after it: a restart takes the same.
    public var port: Int? { state.withLock { $0.port } }

    /// The postmaster's process id while it runs.
    public var processID: Int32? { state.withLock { $0.process } }

    /// Makes the cluster if there is none, starts the server unless it runs already, and waits until it answers.
    /// Answers the superuser's connection URL.
    public func start() async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            let started = Threads.start {
                continuation.resume(with: Result { try self.startBlocking() })
                // To the kernel the server's parent is this thread: when it ends, the server is told to end.
                self.awaitEnd()
            }
            if !started { continuation.resume(throwing: PrivateServerError("no thread left to start the server")) }
        }
    }

    /// Starts the server again whenever it has died, until the task is cancelled.
    /// - Parameter restarting: told before each start.
    /// - Throws: where it does not start; `CancellationError`.
    public func keepRunning(_ restarting: @Sendable () -> Void) async throws {
        while true {
            try await Task.sleep(for: .milliseconds(200))
            guard hasDied() else { continue }
            restarting()
            _ = try await start()
        }
    }

    /// Stops the server in order: transactions in progress are rolled back, nothing committed is lost.
    public func stop() async {
        _ = try? await Threads.run { self.end(by: SIGINT, patience: 30) }
    }

    /// Ends the server at once, as a crash would.
    public func kill() {
        end(by: SIGKILL, patience: 10)
    }

    /// Sends the postmaster and its processes a signal: SIGSTOP and SIGCONT play a server that hangs.
    public func signal(_ signal: Int32) {
        guard let process = processID else { return }
        // The postmaster first: stopped, it starts no further process.
        Glibc.kill(process, signal)
        // Twice: the kernel's list may leave one out while another one ends.
        for _ in 0..<2 {
            for child in Self.children(of: process) { Glibc.kill(child, signal) }
            usleep(2000)
        }
    }

    // MARK: Blocking, on a thread of its own

    private var data: String { directory + "/data" }
    private var passwordFile: String { directory + "/password" }

    private func startBlocking() throws -> String {
        guard directory.hasPrefix("/") else { throw PrivateServerError("\(directory): an absolute path is needed") }
        let account = try ServerAccount.choose()
        let binaries = try Executables.postgresDirectory()
        if !Files.exists(data + "/PG_VERSION") { try makeCluster(account, binaries) }
        if adoptRunning() { return try url() }
        for _ in 0..<30 {
            let port = try state.withLock { try $0.port ?? Self.freePort() }
            var command = account.prefix + [binaries + "/postgres", "-D", data]
            var settings = [
                "listen_addresses": "127.0.0.1", "port": String(port), "unix_socket_directories": "",
                "logging_collector": "off",
            ]
            settings.merge(options) { $1 }
            for (name, value) in settings.sorted(by: { $0.key < $1.key }) { command += ["-c", "\(name)=\(value)"] }
            let process = try ChildProcess.spawn(command, output: directory + "/log")
            state.withLock { $0 = State(process: process, port: port, isChild: true) }
            if try waitUntilReady(process, port) { return try url() }
            usleep(300_000)  // After a crash, its last processes may still hold the shared memory.
        }
        throw PrivateServerError("the server does not start; see \(directory)/log")
    }

    private func makeCluster(_ account: ServerAccount, _ binaries: String) throws {
        try Files.makeDirectory(directory)
        try Files.makeDirectory(data)
        chmod(data, 0o700)
        if account.isOther {
            // Its way in, where the directory is ours; the directories above are not ours to open.
            chmod(directory, 0o711)
            chown(data, account.user, account.group)
            let test = try ChildProcess.run(account.prefix + ["/bin/sh", "-c", "test -w \"$0\"", data])
            guard test.status == 0 else {
                throw PrivateServerError(
                    "the server runs as \(account.name), which cannot enter \(data): choose a directory below which "
                        + "others may pass, such as /var/lib/waymark, or run as another user than root")
            }
        }
        if !Files.exists(passwordFile) { try Files.writeSecret(Self.randomPassword(), to: passwordFile) }
        let handover = directory + "/password.initdb"
        unlink(handover)
        try Files.writeSecret(try password() + "\n", to: handover)
        defer { unlink(handover) }
        chown(handover, account.user, account.group)
        var command =
            account.prefix + [
                binaries + "/initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", handover,
                "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions",
            ]
        if options["fsync"] == "off" { command.append("--no-sync") }
        let result = try ChildProcess.run(command)
        guard result.status == 0 else { throw PrivateServerError("initdb failed: \(result.output)") }
    }

    /// A server left running by an earlier process is as good as one of ours.
    private func adoptRunning() -> Bool {
        guard let lines = Files.read(data + "/postmaster.pid")?.split(separator: "\n"), lines.count >= 4,
            let process = pid_t(lines[0]), process > 0, let port = Int(lines[3]), Glibc.kill(process, 0) == 0,
            PQping("host=127.0.0.1 port=\(port) connect_timeout=2") == PQPING_OK
        else { return false }
        state.withLock {
            if $0.process != process { $0 = State(process: process, port: port, isChild: false) }
        }
        return true
    }

    private func waitUntilReady(_ process: pid_t, _ port: Int) throws -> Bool {
        for _ in 0..<1200 {
            var status: Int32 = 0
            if waitpid(process, &status, WNOHANG) != 0 {
                state.withLock { $0.process = nil }
                return false
            }
            if PQping("host=127.0.0.1 port=\(port) connect_timeout=2") == PQPING_OK { return true }
            usleep(50_000)
        }
        end(by: SIGQUIT, patience: 5)
        throw PrivateServerError("the server does not answer within a minute; see \(directory)/log")
    }

    /// Blocks as long as a server lives that is our child.
    private func awaitEnd() {
        let current = state.withLock { $0 }
        guard current.isChild, let process = current.process else { return }
        var information = siginfo_t()
        while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    }

    /// Whether the server ended without being asked to. Its remains are cleared away.
    private func hasDied() -> Bool {
        state.withLock { state in
            guard let process = state.process, Self.isGone(process, state.isChild) else { return false }
            state.process = nil
            return true
        }
    }

    private func end(by signal: Int32, patience seconds: Int) {
        let current = state.withLock { state in
            defer { state.process = nil }
            return state
        }
        guard let process = current.process else { return }
        if signal == SIGKILL {
            Glibc.kill(process, SIGSTOP)
            for child in Self.children(of: process) { Glibc.kill(child, SIGKILL) }
        }
        Glibc.kill(process, signal)
        for _ in 0..<seconds * 50 {
            if Self.isGone(process, current.isChild) { return }
            usleep(20_000)
        }
        Glibc.kill(process, SIGQUIT)
        for _ in 0..<250 where !Self.isGone(process, current.isChild) { usleep(20_000) }
    }

    private static func isGone(_ process: pid_t, _ isChild: Bool) -> Bool {
        var status: Int32 = 0
        return isChild ? waitpid(process, &status, WNOHANG) != 0 : Glibc.kill(process, 0) != 0
    }

    private static func children(of process: pid_t) -> [pid_t] {
        (Files.read("/proc/\(process)/task/\(process)/children") ?? "").split(separator: " ").compactMap { pid_t($0) }
    }

    private func password() throws -> String {
        guard let password = Files.read(passwordFile) else {
            throw PrivateServerError("\(passwordFile) cannot be read")
        }
        return String(password.prefix { $0 != "\n" })
    }

    private func url() throws -> String {
        guard let port else { throw PrivateServerError("the server does not run") }
        return "postgresql://postgres:\(try password())@127.0.0.1:\(port)/postgres"
    }

    private static func randomPassword() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }

    /// Below those that the kernel gives to outgoing connections: one of them may hold such a port when the server starts again.
    private static func freePort() throws -> Int {
        for port in (UInt16(20_000)..<32_000).shuffled().prefix(1_000) {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let isFree = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isFree { return Int(port) }
        }
        throw PrivateServerError("no free port on the loopback interface")
    }
}
