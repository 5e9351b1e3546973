import Casework

extension PasswordHasher {
    /// The text to store for a password, when it matters to nobody whose turn it is.
    public func hash(_ password: String) async throws -> String {
        try await hash(password, for: .accounts(of: 0))
    }
}
