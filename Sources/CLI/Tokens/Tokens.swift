import ArgumentParser
import Casework
import Foundation
import Postgres
import Tenancy

/// `waymark token`: API tokens for programs.
struct Tokens: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Create and revoke API tokens.",
        subcommands: [TokenCreate.self, TokenRevoke.self])
}

/// `waymark token create`
struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create an API token in an admin's name; it is printed once and kept nowhere.")

    @Argument(help: "The institution's slug.") var institution: String
    @Argument(help: "E-mail address of the admin it acts for.") var email: String
    @Option(help: "What it is for.") var name: String
    @Option(help: "read or write, may be given twice; or scim alone.") var scope: [String] = ["read"]
    @Option(help: "Days until it ends, at most 365.") var days = 90
    @OptionGroup var options: OperatorOptions
    @Flag(help: "Print JSON.") var json = false

    private struct Report: Encodable {
        let id: Int
        let token: String
        let expiresAt: String
    }

    private struct Stored: RowDecodable {
        let id: Int
        let expiresAt: Date

        init(row: Row) throws {
            id = try row.get("id")
            expiresAt = try row.get("expires_at")
        }
    }

    func validate() throws {
        guard (1...365).contains(days) else { throw ValidationError("--days must be from 1 to 365") }
        guard !scope.isEmpty, scope == ["scim"] || scope.allSatisfy({ $0 == "read" || $0 == "write" }) else {
            throw ValidationError("--scope must be read or write, or scim alone")
        }
        guard (1...200).contains(name.unicodeScalars.count) else {
            throw ValidationError("--name must have 1 to 200 characters")
        }
    }

    func run() async throws {
        let report = try await Operator.run(options, in: institution) { migrator, institution in
            let work = migrator.work(in: institution)
            let account = try await AccountRepository(work: work).named(email)
            guard account.role == .admin, account.status == .active else {
                throw Failure("\(account.email) is no active admin; only admins have API tokens")
            }
            let token = SessionToken(kind: .api, institution: institution.id, secret: try Secret.random())
            let stored = try await work(insert(token, maker: account.id))
            return Report(id: stored.id, token: token.text, expiresAt: stored.expiresAt.formatted(.iso8601))
        }
        if json { return try Output.json(report) }
        Output.line("Token \(report.id), valid until \(report.expiresAt); it is shown only now:")
        Output.line(report.token)
    }

    private func insert(_ token: SessionToken, maker: Int) -> Query<Stored> {
        let scopes = Array(Set(scope)).sorted()
        let query: SQL = """
            with new as (
              insert into api_tokens (token_hash, name, scopes, maker_id, expires_at)
              values (\(token.hash), \(name), \(scopes)::text[], \(maker), now() + \(days)::int * interval '1 day')
              returning id, name, scopes, expires_at),
            trace as (
              insert into audit (action, subject, after)
              select 'token.create', 'token/' || id,
                     jsonb_build_object('name', name, 'scopes', scopes, 'expiresAt', expires_at)
                from new)
            select id, expires_at from new
            """
        return query.one(Stored.self)
    }
}

/// `waymark token revoke`
struct TokenRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "End an API token now.")

    @Argument(help: "The institution's slug.") var institution: String
    @Argument(help: "The token's number, as create printed it.") var id: Int
    @OptionGroup var options: OperatorOptions

    func run() async throws {
        let query: SQL = """
            with old as (
              update api_tokens set revoked_at = now() where id = \(id) and revoked_at is null returning id)
            insert into audit (action, subject) select 'token.delete', 'token/' || id from old
            """
        let count = try await Operator.run(options, in: institution) { migrator, institution in
            try await migrator.work(in: institution)(query.affected())
        }
        guard count == 1 else { throw Failure("there is no token \(id) in \(institution), or it was revoked before") }
        Output.line("Token \(id) is revoked.")
    }
}
