import ArgumentParser
import Casework
import Tenancy

/// `waymark account invite`
struct AccountInvite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite",
        abstract: "Print a link by which a person sets their password, or send it by mail: one use, 7 days.")

    @OptionGroup var target: AccountTarget
    @OptionGroup var link: LinkOptions
    @Flag(help: "Send the link to the person by mail, and do not print it.") var mail = false
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        if mail { return try await send() }
        let origin = try await link.origin(of: target.institution, file: target.options.file.path)
        let invitation = try await target.run { work, account in
            InvitationLink(try await InvitationRepository(work: work).invite(account.id), origin: origin)
        }
        if json { return try Output.json(invitation) }
        Output.line("Valid until \(invitation.expiresAt):")
        Output.line(invitation.url)
    }

    private func send() async throws {
        let report = try await target.run { work, account in
            guard account.status == .active else {
                throw Failure("\(account.email) is \(account.status.rawValue), and only active people can be invited")
            }
            return InvitedReport(
                invited: try await InvitationRepository(work: work)
                    .invite(byMail: .chosen([account.id]), host: target.institution))
        }
        try report.show(json: json)
    }
}

/// `waymark account invite-all`
struct AccountInviteAll: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite-all",
        abstract: "Send a link by mail to everybody who has no password and was never invited.",
        discussion: "The mail leaves from waymark serve or waymark work, where mailServer is configured.")

    @Argument(help: "The institution's slug.") var institution: String
    @Option(help: "Only this role.") var role: Role?
    @OptionGroup var options: OperatorOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let report = try await Operator.run(options, in: institution) { migrator, place in
            InvitedReport(
                invited: try await InvitationRepository(work: migrator.work(in: place))
                    .invite(byMail: .uninvited(role), host: institution))
        }
        try report.show(json: json)
    }
}

/// To how many an invitation goes.
private struct InvitedReport: Encodable {
    let invited: Int

    func show(json: Bool) throws {
        if json { return try Output.json(self) }
        Output.line(invited == 1 ? "1 invitation is on its way." : "\(invited) invitations are on their way.")
    }
}
