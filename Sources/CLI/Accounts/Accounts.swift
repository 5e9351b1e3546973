import ArgumentParser
import Casework
import Tenancy

extension Role: ExpressibleByArgument {}

/// `waymark account`: people of an institution, from the operator's side.
struct Accounts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Create, list, suspend and invite people; set a password; take an authenticator away.",
        subcommands: [
            AccountCreate.self, AccountList.self, AccountSuspend.self, AccountSetPassword.self, AccountInvite.self,
            AccountInviteAll.self, AccountResetCodes.self,
        ])
}

/// Which account of which institution.
struct AccountTarget: ParsableArguments {
    @Argument(help: "The institution's slug.") var institution: String
    @Argument(help: "The account's e-mail address.") var email: String
    @OptionGroup var options: OperatorOptions

    /// Runs `body` with the account, which must exist.
    func run<Value: Sendable>(_ body: (UnitOfWork, Account) async throws -> Value) async throws -> Value {
        try await Operator.run(options, in: institution) { migrator, institution in
            let work = migrator.work(in: institution)
            return try await body(work, try await AccountRepository(work: work).named(email))
        }
    }
}

extension AccountRepository {
    /// The account of an address.
    /// - Throws: `Failure` where there is none.
    func named(_ email: String) async throws -> Account {
        guard let address = try? EmailAddress(email), let account = try await find(email: address) else {
            throw Failure("there is no account '\(email)' in this institution; waymark account list names them")
        }
        return account
    }
}

/// `waymark account create`
struct AccountCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Add a person, and print the link by which they set their password.")

    @Argument(help: "The institution's slug.") var institution: String
    @Argument(help: "E-mail address.") var email: String
    @Option(help: "What the person may do at most.") var role: Role
    @Option(help: "Given name; it or the family name is needed.") var givenName = ""
    @Option(help: "Family name.") var familyName = ""
    @Option(help: "What the person wants to be called.") var preferredName: String?
    @Option(help: "Student number.") var studentNumber: String?
    @OptionGroup var link: LinkOptions
    @OptionGroup var options: OperatorOptions
    @Flag(help: "Print JSON.") var json = false

    private struct Report: Encodable {
        let account: AccountReport
        let invitation: InvitationLink
    }

    func run() async throws {
        let draft = try AccountDraft(
            email: email, givenName: givenName, familyName: familyName, preferredName: preferredName,
            role: role.rawValue, studentNumber: studentNumber)
        let origin = try await link.origin(of: institution, file: options.file.path)
        let report = try await Operator.run(options, in: institution) { migrator, institution in
            let work = migrator.work(in: institution)
            let account = try await AccountRepository(work: work).create(draft, hashing: PasswordHasher())
            let invitation = try await InvitationRepository(work: work).invite(account.id)
            return Report(
                account: AccountReport(account), invitation: InvitationLink(invitation, origin: origin))
        }
        if json { return try Output.json(report) }
        Output.line("\(report.account.email) is created. Invitation, valid until \(report.invitation.expiresAt):")
        Output.line(report.invitation.url)
    }
}

/// `waymark account list`
struct AccountList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List an institution's people.")

    @Argument(help: "The institution's slug.") var institution: String
    @Option(help: "Only this role.") var role: Role?
    @OptionGroup var options: OperatorOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let accounts = try await Operator.run(options, in: institution) { migrator, institution in
            try await migrator.work(in: institution)(ListedAccount.all(role: role))
        }
        if json { return try Output.json(accounts) }
        var table = Table("e-mail", "name", "role", "status", "password")
        for one in accounts {
            table.add([one.email, one.name, one.role, one.status, one.hasPassword ? "set" : "none"])
        }
        table.show(empty: "Nobody.")
    }
}

/// `waymark account suspend`
struct AccountSuspend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend", abstract: "Keep a person out and end their sessions.")

    @OptionGroup var target: AccountTarget

    func run() async throws {
        try await target.run { work, account in
            guard account.status == .active else {
                throw Failure("\(account.email) is \(account.status.rawValue) already")
            }
            var patch = AccountPatch()
            patch.status = .suspended
            _ = try await AccountRepository(work: work)
                .update(account.id, patch, ifMatch: .any, hashing: PasswordHasher())
        }
        Output.line("\(target.email) is suspended.")
    }
}

/// `waymark account set-password`
struct AccountSetPassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-password",
        abstract: "Set a person's password, from a prompt, standard input or a file, and end their sessions.")

    @OptionGroup var target: AccountTarget
    @OptionGroup var password: PasswordEntry

    func run() async throws {
        let secret = try password.read(prompt: "New password for \(target.email): ", confirming: true)
        var settings = try await Settings(options: target.options.values, file: target.options.file.path)
        let tells = settings.text(.mailServer) != nil
        try await target.run { work, account in
            var patch = AccountPatch()
            patch.password = secret
            _ = try await AccountRepository(work: work)
                .update(account.id, patch, ifMatch: .any, hashing: PasswordHasher(), tells: tells)
        }
        Output.line("The password of \(target.email) is set.")
    }
}
