import Casework
import Hummingbird
import Tenancy

/// How people get their first password.
enum InvitationAPI {
    private static let steps = Schema.choice(InvitationState.Step.allCases.map(\.rawValue))

    static let routes: [Route] = [
        Route(
            .get, "/accounts/{id}/invitation", .signedIn(.admin), "How far a person's invitation is",
            answer: .object([
                .field("state", steps), .field("at", .nullable(.instant)), .field("expiresAt", .nullable(.instant)),
            ])
        ) { call in
            call.answer(try await call.read(InvitationRepository.state(of: call.id("id"))))
        },
        Route(
            .post, "/invitations", .signedIn(.adminInPerson),
            "Send links by which people choose a password, by mail: to active `accountIds`, or to everybody of a role, or "
                + "of all roles, who has no password and was never invited. Earlier links stop working",
            payload: .json(
                .object([
                    .optional("accountIds", .array(.id)), .optional("everybody", .boolean),
                    .optional("role", .nullable(.choice(Role.allCases.map(\.rawValue)))),
                ])),
            answer: .object([.field("invited", .integer(0...Int(Int32.max)))]), problems: [409]
        ) { call in
            let guests = try Fields.read(try await call.json()) { Guests(&$0) }
            try call.requireMail()
            let invited = try await InvitationRepository(work: call.work()).invite(byMail: guests, host: call.host)
            return call.answer(Invited(count: invited))
        },
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
            .post, "/invitations/{secret}", .open,
            "Choose the password an invitation, or a link for another password, is for",
            payload: .json(.object([.field("password", .string(PasswordRule.minLength...PasswordRule.maxBytes))])),
            status: .noContent
        ) { call in
            guard let secret = Secret(try call.word("secret")) else { throw CaseworkError.notFound }
            try await InvitationRepository(work: call.work()).accept(
                secret, hashing: call.site.passwords, tells: call.site.sendsMail
            ) { link in
                try Fields.read(try await call.json()) { $0.required("password", .password(of: link.owner)) }
            }
            return call.nothing
        },
    ]

    private struct Invited: JSONEncodable {
        let count: Int

        func write(to json: inout JSONWriter) {
            json.object { $0.field("invited", count) }
        }
    }

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

    /// The institution's own host, whatever the request names.
    var host: String { "\(institution.slug).\(site.domain)" }

    /// The institution's own host with the port that the caller used, even where the request came to the bare domain.
    var authority: String {
        guard let authority = request.head.authority, let colon = authority.lastIndex(of: ":") else { return host }
        return host + authority[colon...]
    }
}
