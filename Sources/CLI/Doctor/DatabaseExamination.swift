import Foundation
import Postgres

/// What `doctor` asks a database as one of the service's logins.
struct DatabaseExamination {
    let conninfo: String
    let login: String
    let place: String

    /// All findings; only the first where the database is out of reach.
    func findings() async -> [Finding] {
        let connection: Connection
        do {
            connection = try await Connection.connect(conninfo: conninfo, connectTimeout: .seconds(10))
        } catch {
            return [
                .bad(
                    "database", "\(place) as \(login): \(Failure.line(for: error))",
                    "check databaseUrl and databasePassword, and that the server runs; "
                        + "waymark migrate --superuser-url creates the login")
            ]
        }
        var findings = [Finding.good("database", "\(place) as \(login)"), version(connection.serverVersion)]
        do {
            findings.append(try await roles(connection))
            findings.append(try await privileges(connection))
            findings.append(try await clock(connection))
        } catch {
            findings.append(.bad("database", Failure.line(for: error), "look into the server's log"))
        }
        await connection.close()
        return findings
    }

    private func version(_ number: Int) -> Finding {
        let version = ServerVersion(number)
        guard let problem = version.outdated else { return .good("server version", "PostgreSQL \(version)") }
        return .bad("server version", problem, "update the server; serve refuses it without --allow-outdated-server")
    }

    private func roles(_ connection: Connection) async throws -> Finding {
        let wanted = ["waymark_owner", "waymark_migrator", login]
        let query: SQL = "select w from unnest(\(wanted)::text[]) w where to_regrole(w) is null"
        let missing = try await connection(query.values(String.self))
        return missing.isEmpty
            ? .good("roles", wanted.joined(separator: ", "))
            : .bad("roles", "missing: \(missing.joined(separator: ", "))", "run waymark migrate --superuser-url")
    }

    private func privileges(_ connection: Connection) async throws -> Finding {
        let open = try await DangerousPrivileges.open(over: connection)
        return open.isEmpty
            ? .good("privileges", "everything dangerous is revoked from \(login)")
            : .bad(
                "privileges", "open to \(login): \(open.joined(separator: ", "))",
                "run waymark migrate --superuser-url; a managed cloud may refuse some of it")
    }

    private func clock(_ connection: Connection) async throws -> Finding {
        let before = Date()
        let query: SQL = "select extract(epoch from clock_timestamp())::float8"
        let server = try await connection(query.value(Double.self))
        let here = (before.timeIntervalSince1970 + Date().timeIntervalSince1970) / 2
        let skew = abs(server - here)
        let text = "\(Int(exactly: (skew * 1_000).rounded()) ?? .max) ms between here and the database"
        return skew < 5
            ? .good("clock", text)
            : .bad("clock", text, "let both take their time from NTP; sessions and reminders depend on it")
    }
}
