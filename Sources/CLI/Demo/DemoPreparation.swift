import Casework
import Dates
import Foundation
import Postgres
import Tenancy

/// Brings the demo's database to the point where it can be served: roles, schemas, institutions, people.
struct DemoPreparation {
    let directory: DemoDirectory
    let isEmpty: Bool
    let progress: (String) -> Void

    /// What the preparation ends with.
    struct Prepared {
        /// Superuser's connection string to the demo's database.
        let superuser: String
        /// Connection string the service uses.
        let service: String
        /// Secrets and sign-ins.
        let state: DemoDirectory.State
    }

    /// Does what is missing; at a second start almost nothing is.
    /// - Parameter maintenance: the superuser's connection string to the database `postgres`.
    /// - Throws: `PostgresError`, `ProvisioningError`, `Failure`.
    func prepare(maintenance: String) async throws -> Prepared {
        var state = try directory.state() ?? newState()
        try directory.keep(state)
        if state.isEmpty != isEmpty {
            Output.notice(
                "waymark: \(directory.path) holds \(state.isEmpty ? "an empty" : "a filled") demo and keeps it; "
                    + "--reset starts over")
        }
        try await makeDatabase(maintenance)
        let conninfo = Conninfo(maintenance)
        let superuser = conninfo.url(database: Self.database)
        progress("preparing the database")
        try await Cluster.prepare(superuser: superuser, partitions: [1], passwords: state.logins)
        let migrator = try Migrator(
            conninfo: conninfo.url(
                database: Self.database, user: "waymark_migrator", password: state.logins["waymark_migrator"]))
        do {
            try await fill(migrator, &state)
            await migrator.close()
        } catch {
            await migrator.close()
            throw error
        }
        return Prepared(
            superuser: superuser,
            service: conninfo.url(
                database: Self.database, user: "waymark_app_1", password: state.logins["waymark_app_1"]),
            state: state)
    }

    private static let database = "waymark"

    private func makeDatabase(_ maintenance: String) async throws {
        let connection = try await Connection.connect(conninfo: maintenance, connectTimeout: .seconds(10))
        do {
            if let warning = ServerVersion(connection.serverVersion).outdated { Output.notice("waymark: \(warning)") }
            let known: SQL = "select datname from pg_database where datname = \(Self.database)"
            if try await connection.batch([Statement(known)])[0].isEmpty {
                try await connection.execute(script: "create database \(Self.database)")
            }
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    private func fill(_ migrator: Migrator, _ state: inout DemoDirectory.State) async throws {
        let outcomes = try await migrator.migrate()
        if let failed = outcomes.first(where: { $0.failure != nil }) {
            throw Failure("the schema of \(failed.slug) cannot be migrated: \(failed.failure ?? "")")
        }
        // nobody else waits for these
        let hasher = PasswordHasher(waitLimit: .seconds(600))
        for slug in DemoService.slugs {
            let today = CalendarDate(daysSince1970: Int(Date().timeIntervalSince1970 / 86_400))
            guard let today else { throw Failure("the clock of this computer is off") }
            let full = DemoGenerator.make(slug: slug, today: today)
            var institution = try await migrator.institution(slug: slug)
            if institution == nil {
                progress("making \(slug)")
                institution = try await migrator.create(slug: slug, name: full.name, timeZone: full.timeZone)
            }
            guard let institution else { continue }
            let loader = DemoLoader(work: migrator.work(in: institution))
            guard try await loader.isEmpty() else { continue }
            let shown = state.accounts.filter { $0.institution == slug }
            var hashes: [String: String] = [:]
            try await withThrowingTaskGroup(of: (String, String).self) { group in
                for account in shown {
                    group.addTask {
                        (account.email, try await hasher.hash(account.password, for: .accounts(of: institution.id)))
                    }
                }
                for try await (email, hash) in group { hashes[email] = hash }
            }
            try await loader.load(state.isEmpty ? full.onlyAdmin : full, passwordHashes: hashes)
        }
    }

    /// Fresh secrets for everything.
    private func newState() -> DemoDirectory.State {
        DemoDirectory.State(
            isEmpty: isEmpty,
            logins: ["waymark_migrator": DemoPassword.random(), "waymark_app_1": DemoPassword.random()],
            accounts: DemoService.slugs.flatMap { slug in
                (isEmpty ? ["admin"] : DemoData.roles).map { role in
                    .init(
                        institution: slug, role: role, email: "\(role)@\(slug).example", password: DemoPassword.random()
                    )
                }
            })
    }
}

/// Passwords that are random and can still be typed.
enum DemoPassword {
    /// Twenty letters and digits that cannot be mistaken for each other, in groups: about 98 bits.
    static func random() -> String {
        let letters = Array("abcdefghjkmnpqrstuvwxyz23456789")
        var generator = SystemRandomNumberGenerator()
        return (0..<5).map { _ in
            String((0..<4).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] })
        }.joined(separator: "-")
    }
}
