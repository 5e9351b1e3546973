import ArgumentParser
import Casework
import Postgres
import Tenancy

/// `waymark institution create`: a new institution, its first admin, and the link by which the admin gets in.
struct InstitutionCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create an institution with its first admin, and print the admin's invitation link.",
        discussion: Setting.help(Setting.operating + [.domain, .publicPort]))

    @Argument(help: "First label of the institution's host: northfield in northfield.example.")
    var slug: String
    @Option(help: "The institution's name as people read it.")
    var name: String
    @Option(help: "E-mail address of the first admin.")
    var adminEmail: String
    @Option(help: "Given name of the first admin.")
    var adminGivenName = "First"
    @Option(help: "Family name of the first admin.")
    var adminFamilyName = "Admin"
    @Option(help: "IANA time zone; due dates and reminders follow it.")
    var timeZone = "UTC"
    @Option(help: "Partition; the one with the fewest institutions if absent.")
    var partition: Int?
    @OptionGroup var link: LinkOptions
    @OptionGroup var options: OperatorOptions
    @Flag(help: "Print JSON.")
    var json = false

    private struct Report: Encodable {
        let institution: InstitutionReport
        let admin: AccountReport
        let invitation: InvitationLink
    }

    func run() async throws {
        // before anything is made
        let draft = try AccountDraft(
            email: adminEmail, givenName: adminGivenName, familyName: adminFamilyName, role: "admin")
        let origin = try await link.origin(of: slug, file: options.file.path)
        let report = try await Operator.run(conninfo: try await options.conninfo()) { migrator in
            let institution: Institution
            do {
                institution = try await migrator.create(
                    slug: slug, name: name, timeZone: timeZone, partition: partition)
            } catch let refusal as ProvisioningError {
                try await Self.refuseBrokenOff(slug, of: migrator)
                throw refusal
            }
            return try await Self.keeping(institution, of: migrator) {
                let work = migrator.work(in: institution)
                let admin = try await AccountRepository(work: work).create(draft, hashing: PasswordHasher())
                let invitation = try await InvitationRepository(work: work).invite(admin.id)
                return Report(
                    institution: InstitutionReport(institution), admin: AccountReport(admin),
                    invitation: InvitationLink(invitation, origin: origin))
            }
        }
        if json { return try Output.json(report) }
        Output.line("\(slug) is created: \(origin)")
        Output.line("Invitation for \(report.admin.email), valid until \(report.invitation.expiresAt):")
        Output.line(report.invitation.url)
    }

    /// A creation that was killed between the institution and its admin leaves an institution nobody can enter.
    private static func refuseBrokenOff(_ slug: String, of migrator: Migrator) async throws {
        guard let found = try await migrator.institution(slug: slug),
            try await migrator.work(in: found)(("select count(*)::int from accounts" as SQL).value(Int.self)) == 0
        else { return }
        throw Failure(
            """
            \(slug) is there without any account: another creation is under way, or one was broken off; \
            in that case remove it by waymark institution delete \(slug) --confirm \(slug) --grace-days 0, then try again
            """)
    }

    /// Runs `body` on a new institution, which goes again where that fails: the command may then be repeated.
    static func keeping<Value: Sendable>(
        _ institution: Institution, of migrator: Migrator, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let reason {
            do {
                try await migrator.delete(institution)
            } catch {
                let slug = institution.slug
                throw Failure(
                    """
                    \(slug) is created, but has no admin who could get in: \(Failure.line(for: reason)); \
                    remove it by waymark institution delete \(slug) --confirm \(slug) --grace-days 0, then try again
                    """)
            }
            throw reason
        }
    }
}
