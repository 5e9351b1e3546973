import ArgumentParser
import Casework

/// `waymark account reset-codes`
struct AccountResetCodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-codes",
        abstract: "Take a person's authenticator app away, who has lost it: sign-in asks for the password alone.")

    @OptionGroup var target: AccountTarget

    func run() async throws {
        var settings = try await Settings(options: target.options.values, file: target.options.file.path)
        let tells = settings.text(.mailServer) != nil
        try await target.run { work, account in
            do {
                try await AuthenticatorRepository(work: work).takeAway(from: account.id, tells: tells)
            } catch CaseworkError.notFound {
                throw Failure("\(account.email) has no authenticator app")
            }
        }
        Output.line("Sign-in asks \(target.email) for no code any more.")
    }
}
