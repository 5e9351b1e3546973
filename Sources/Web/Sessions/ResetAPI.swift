import Casework
import Hummingbird
import Tenancy

/// Asking for a link by which to choose another password.
enum ResetAPI {
    static let routes: [Route] = [
        Route(
            .post, "/password-resets", .open,
            "Ask for a link, by mail, by which to choose another password. The answer is the same for unknown addresses",
            payload: .json(.object([.field("email", .string(3...254, format: "email"))])), status: .noContent,
            problems: [409, 429]
        ) { call in
            let email = try Fields.read(try await call.json()) { $0.required("email", .email) }
            try await call.askForReset(email: email)
            return call.nothing
        }
    ]
}

extension Call {
    /// Asks for a link at the institution this request is for.
    /// - Throws: `CaseworkError.throttled`; `.conflict` where no mail leaves.
    func askForReset(email: EmailAddress) async throws {
        try requireMail()
        try await ResetRequest(gate: site.deployment.gate(of: institution), observers: site.observers)(
            email: email, peer: peer)
    }

    /// - Throws: `CaseworkError.conflict` where no mail leaves.
    func requireMail() throws {
        guard site.sendsMail else { throw CaseworkError.conflict(Refusal(.noMail)) }
    }
}
