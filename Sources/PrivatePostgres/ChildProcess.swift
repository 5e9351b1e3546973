import Glibc

/// Other programs, started by `posix_spawn`.
enum ChildProcess {
    /// Starts a program in a session of its own, so that an interrupt on the terminal reaches only us. Its output goes
    /// to the file, or nowhere. Answers its process id.
    static func spawn(_ command: [String], output: String?) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output ?? "/dev/null", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(0x80 | POSIX_SPAWN_SETSIGMASK))  // 0x80: POSIX_SPAWN_SETSID
        // The server's account may not be allowed where we stand; exec keeps the process id.
        let shell = ["/bin/sh", "-c", "cd / && exec \"$0\" \"$@\""]
        var arguments: [UnsafeMutablePointer<CChar>?] = (shell + command).map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let failure = posix_spawn(&process, shell[0], &actions, &attributes, arguments, environ)
        guard failure == 0 else {
            throw PrivateServerError("\(command[0]) cannot be started: \(String(cString: strerror(failure)))")
        }
        return process
    }

    /// Runs a program to its end. Blocks: for a thread of its own.
    static func run(_ command: [String]) throws -> (status: Int32, output: String) {
        var name = Array("/tmp/waymark-output-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        guard file >= 0 else { throw PrivateServerError("no temporary file can be made below /tmp") }
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            close(file)
            unlink(path)
        }
        let status = wait(for: try spawn(command, output: path))
        return (status, Files.read(path) ?? "")
    }

    /// Waits for a child's end and answers its status.
    @discardableResult
    static func wait(for process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status
    }
}

/// Small files.
enum Files {
    static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes a file that only its owner can read.
    static func writeSecret(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw PrivateServerError("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var text = text
        let written = text.withUTF8 { write(file, $0.baseAddress, $0.count) }
        guard written == text.utf8.count else { throw PrivateServerError("\(path) cannot be written") }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func makeDirectory(_ path: String) throws {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        throw PrivateServerError("\(path) cannot be made: \(String(cString: strerror(errno)))")
    }
}
