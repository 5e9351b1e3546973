import ArgumentParser
import Foundation

/// Where a password comes from: a file, standard input, or a prompt that does not show it. Never an argument.
struct PasswordEntry: ParsableArguments {
    @Option(name: .customLong("password-file"), help: "Read the password from the first line of this file.")
    var file: String?

    /// Reads it; asks twice where a new one is typed.
    /// - Parameters:
    ///   - prompt: what to ask on a terminal.
    ///   - confirming: whether a typed password must be typed again.
    /// - Throws: `Failure` where there is none.
    func read(prompt: String, confirming: Bool = false) throws -> String {
        if let file {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw Failure("cannot read the password file \(file)")
            }
            return try Self.firstLine(of: text, from: file)
        }
        guard isatty(STDIN_FILENO) == 1 else {
            return try Self.firstLine(of: readLine() ?? "", from: "standard input")
        }
        let password = try Self.ask(prompt)
        if confirming, try Self.ask("Again: ") != password { throw Failure("the two passwords differ") }
        return password
    }

    private static func firstLine(of text: String, from source: String) throws -> String {
        guard let line = text.split(whereSeparator: \.isNewline).first, !line.isEmpty else {
            throw Failure("no password in \(source)")
        }
        return String(line)
    }

    private static func ask(_ prompt: String) throws -> String {
        try? FileHandle.standardError.write(contentsOf: Data(prompt.utf8))
        var settings = termios()
        tcgetattr(STDIN_FILENO, &settings)
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
            Output.notice("")
        }
        guard let line = readLine(), !line.isEmpty else { throw Failure("no password given") }
        return line
    }
}
