import Postgres
import SchemaFiles

/// What a superuser sets up once: the database roles, and the revokes around `enter`.
public enum Cluster {
    /// Creates the roles and partitions' logins, and closes what injected SQL could use. May run again.
    /// - Parameters:
    ///   - superuser: connection string of a superuser, to the database itself.
    ///   - partitions: each gets the login `waymark_app_<partition>`.
    ///   - passwords: by login; a login without one keeps what it has.
    /// - Throws: `PostgresError`.
    public static func prepare(
        superuser conninfo: String, partitions: [Int], passwords: [String: String]
    ) async throws {
        let connection = try await Connection.connect(conninfo: conninfo, connectTimeout: .seconds(10))
        do {
            try await prepare(over: connection, partitions: partitions, passwords: passwords)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    private static func prepare(
        over connection: Connection, partitions: [Int], passwords: [String: String]
    ) async throws {
        let revoked = try DangerousPrivileges.functions().joined(separator: "\n")
        try await connection.execute(
            script: SchemaFiles.file("cluster/roles.sql").text.replacing("{{revoked_functions}}", with: revoked))
        let partition = try SchemaFiles.file("cluster/partition.sql").text
        for number in partitions {
            try await connection.execute(
                script: partition.replacing("{{partition}}", with: "\(number)"))
        }
        for (login, password) in passwords.sorted(by: { $0.key < $1.key }) {
            // Hashed here: a server that logs statements must not log passwords.
            let verifier = try await connection.verifier(password: password, of: login)
            try await connection.execute(script: "alter role \(login) password '\(verifier)'")
        }
    }
}
