import Foundation
import Postgres
import Tenancy

/// What `doctor` asks a database as one of the service's logins.
struct DatabaseExamination {
    let conninfo: String
    let login: String
    let place: String
    var sendsMail = false

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
            findings.append(try await collation(connection))
            findings.append(try await clock(connection))
            findings.append(try await work(connection))
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

    /// Text sorts by rules of the operating system. Where those have changed, indexes made by the old ones miss rows.
    private func collation(_ connection: Connection) async throws -> Finding {
        let query: SQL = """
            select datname as name, datcollversion as made, pg_database_collation_actual_version(oid) as actual
              from pg_database where datname = current_database()
            """
        let database = try await connection(query.one(Collation.self))
        guard let made = database.made, let actual = database.actual, made != actual else {
            return .good("collation", "sorts as when the database was made")
        }
        return .bad(
            "collation", "the database was made with version \(made), the system has \(actual)",
            "as a superuser, and in this order: REINDEX DATABASE \"\(database.name)\"; "
                + "ALTER DATABASE \"\(database.name)\" REFRESH COLLATION VERSION")
    }

    private struct Collation: RowDecodable {
        let name: String
        let made: String?
        let actual: String?

        init(row: Row) throws {
            name = try row.get("name")
            made = try row.get("made")
            actual = try row.get("actual")
        }
    }

    private func work(_ connection: Connection) async throws -> Finding {
        guard sendsMail else { return .good("mail", "no mailServer is given: no reminders are sent") }
        let query: SQL = """
            select count(*)::int from waymark.institutions
             where state = 'active' and work_at < now() - interval '1 hour'
            """
        let waiting = try await connection(query.value(Int.self))
        return waiting == 0
            ? .good("mail", "nothing has been waiting for an hour")
            : .bad(
                "mail", "for \(waiting) institutions mail has been waiting for an hour",
                "run waymark work or set worker to true, and see whether the mail server answers")
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
