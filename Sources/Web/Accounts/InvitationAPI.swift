import Casework
import Hummingbird
import Tenancy

/// How people get their first password.
enum InvitationAPI {
    static let routes: [Route] = [
        Route(
            .post, "/accounts/{id}/invitation", .signedIn(.adminInPerson),
            "Make a link by which a person chooses a password, once, within seven days; earlier ones stop working",
            status: .created, answer: .object([.field("url", .string(format: "uri")), .field("expiresAt", .instant)]),
            permission: { .account(try $0.id("id")) }
        ) { call in
            let invitation = try await InvitationRepository(work: call.work()).invite(call.id("id"))
            return call.answer(
                Link(url: call.address(of: invitation), invitation: invitation), status: .created)
        },
        Route(
            .post, "/invitations/{secret}", .open, "Choose the password an invitation is for",
            payload: .json(.object([.field("password", .string(PasswordRule.minLength...PasswordRule.maxBytes))])),
            status: .noContent
        ) { call in
            guard let secret = Secret(try call.word("secret")) else { throw CaseworkError.notFound }
            try await InvitationRepository(work: call.work()).accept(secret, hashing: call.site.passwords) { email in
                try Fields.read(try await call.json()) { $0.required("password", .password(email: email)) }
            }
            return call.nothing
        },
    ]

    private struct Link: JSONEncodable {
        let url: String
        let invitation: Invitation

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("url", url)
                json.field("expiresAt", invitation.expiresAt)
            }
        }
    }
}

extension Call {
    /// Where an invitation is accepted; whoever has it can.
    func address(of invitation: Invitation) -> String { "https://\(authority)/invitations/\(invitation.secret.text)" }

    /// The institution's own host with the port that the caller used, even where the request came to the bare domain.
    var authority: String {
        let host = "\(institution.slug).\(site.domain)"
        guard let authority = request.head.authority, let colon = authority.lastIndex(of: ":") else { return host }
        return host + authority[colon...]
    }
}
