import CLibPQ

extension Connection {
    /// The SCRAM-SHA-256 verifier of a password (RFC 7677), as `ALTER ROLE ... PASSWORD` takes it: the password itself
    /// then reaches neither the server nor its log.
    /// - Throws: `PostgresError` where the connection is lost, or libpq refuses.
    public func verifier(password: String, of login: String) async throws -> String {
        try await withHandle { handle in
            guard let text = PQencryptPasswordConn(handle, password, login, "scram-sha-256") else {
                throw PostgresError.connection(handle, sent: false)
            }
            defer { PQfreemem(text) }
            return String(cString: text)
        }
    }
}
