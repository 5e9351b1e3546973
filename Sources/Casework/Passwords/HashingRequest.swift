/// Who asks for a password to be hashed: what decides whose turn it is.
public struct HashingRequest: Sendable, Hashable {
    /// How much is known of who asks, from those served first to those served last.
    public enum Standing: Int, Sendable, CaseIterable {
        /// Somebody who has signed in to that account from that client before, is signed in, or holds a valid invitation.
        case trusted
        /// A client of which nothing is known.
        case ordinary
        /// A client of which some attempts of late have not succeeded, wherever it made them.
        case failing
    }

    /// Id of the institution.
    public let institution: Int
    /// The client, as `SignInCounters.client(of:)` names it; another name for work that no sign-in causes.
    public let client: String
    /// How much is known of who asks.
    public let standing: Standing

    /// A request by a client of an institution.
    public init(institution: Int, client: String, standing: Standing) {
        self.institution = institution
        self.client = client
        self.standing = standing
    }

    /// Work for an institution's accounts by who may change them: admins, and the operator.
    public static func accounts(of institution: Int) -> HashingRequest {
        HashingRequest(institution: institution, client: "accounts", standing: .trusted)
    }
}
