import Postgres
import Tenancy

/// Whose form it is: told by the proof it carries, for as long as the session in which it was shown is remembered.
public struct FormOrigin: Sendable {
    private let gate: UnitOfWork

    /// - Parameter gate: the institution's gate (`Deployment.gate(of:)`), for whoever sent the form may be signed out.
    public init(gate: UnitOfWork) {
        self.gate = gate
    }

    /// The account in whose session the form was shown; nil where nobody can tell.
    /// - Parameter csrfToken: as the form carries it.
    public func account(csrfToken: String) async throws -> Int? {
        guard csrfToken.utf8.count == 43, let proof = Base64.url.decode(csrfToken) else { return nil }
        // as the index `sessions_form_idx` has it
        let sql: SQL = "select account_id from sessions where sha256(token_hash || 'csrf'::bytea) = \(proof)"
        return try await gate(sql.optionalValue(Int.self))
    }
}
