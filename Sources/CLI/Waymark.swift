import ArgumentParser
import Casework

/// The command line: everything an operator, an integrator or a curious visitor does with Waymark outside a browser.
@main
struct Waymark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waymark",
        abstract: "Student case management for many institutions.",
        discussion: "Exit status: 0 done, 1 failed (one line on standard error says why), 64 wrong usage.",
        version: "waymark \(version)",
        groupedSubcommands: [
            CommandGroup(name: "Try it", subcommands: [Demo.self]),
            CommandGroup(
                name: "Run it",
                subcommands: [Serve.self, Work.self, Migrate.self, Secrets.self, Doctor.self, Status.self]),
            CommandGroup(
                name: "Institutions",
                subcommands: [Institutions.self, Accounts.self, Tokens.self, Import.self, ReportCommand.self]),
            CommandGroup(name: "Use the API", subcommands: [Login.self, Logout.self, APICall.self]),
        ])

    /// This program's.
    static let version = "1.0.0"

    /// Runs the command and turns every error into one line and an exit status.
    static func main() async {
        HashingMemory.install()
        do {
            var command = try await asyncParseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        let code = exitCode(for: error)
        if code.isSuccess {  // --help, --version
            Output.text(fullMessage(for: error))
            Self.exit(withError: ExitCode.success)
        }
        if let code = error as? ExitCode { Self.exit(withError: code) }  // whoever throws it has said why
        if code == .validationFailure {
            Output.error("\(message(for: error).oneLine) (waymark --help tells more)")
        } else {
            Output.error(Failure.line(for: error))
        }
        Self.exit(withError: code == .validationFailure ? code : ExitCode.failure)
    }
}
