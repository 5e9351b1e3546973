import Casework
import Hummingbird
import Tenancy

/// People, for admins.
enum AccountAPI {
    static let schema = Schema.versioned([
        .field("id", .id), .field("email", .string(3...254, format: "email")), .field("givenName", .string(0...200)),
        .field("familyName", .string(0...200)), .field("preferredName", .nullable(.string(1...100))),
        .field("role", .choice(Role.allCases.map(\.rawValue))),
        .field("status", .choice(AccountStatus.allCases.map(\.rawValue))),
        .field("studentNumber", .nullable(.string(1...100))),
    ])

    private static let draft = Schema.object([
        .field("email", .string(3...254, format: "email")), .optional("givenName", .string(0...200)),
        .optional("familyName", .string(0...200)), .optional("preferredName", .nullable(.string(0...100))),
        .field("role", .choice(Role.allCases.map(\.rawValue))),
        .optional("status", .choice(AccountStatus.allCases.map(\.rawValue))),
        .optional("studentNumber", .nullable(.string(0...100))),
        .optional("password", .string(PasswordRule.minLength...PasswordRule.maxBytes)),
    ])

    static let routes: [Route] = [
        Route(
            .get, "/accounts", .signedIn(.admin), "People, by name",
            query: [
                .init("role", .choice(Role.allCases.map(\.rawValue))),
                .init("status", .choice(AccountStatus.allCases.map(\.rawValue))),
                .init(
                    "invitation", .choice(InvitationState.Step.allCases.map(\.rawValue)),
                    "Only people whose invitation is there."),
                .init("q", .string(0...200), "A part of a name, an e-mail address or a student number."),
                .init("archived", .boolean, "The archived ones instead."),
            ] + Route.Parameter.paging,
            answer: .page(schema)
        ) { call in
            let (filter, page) = try call.query { (AccountFilter(&$0), $0.page()) }
            return call.answer(try await call.read(AccountRepository.list(filter, page)))
        },
        Route(
            .post, "/accounts", .signedIn(.admin),
            "Add a person. With an API token: students only, without a password",
            payload: .json(draft), status: .created, answer: schema,
            ahead: { call in
                // what is wrong with the body is said later, in its turn
                guard call.token?.kind == .session, let body = try? await call.json(),
                    let password = (try? Fields.read(body) { AccountDraft(&$0) })?.password
                else { return }
                call.passwordHash = try await call.site.passwords.hash(
                    password, for: .accounts(of: call.institution.id))
            }
        ) { call in
            let body = try await call.json()
            let isOrdinary = body["password"] == nil && body["role"] == .string(Role.student.rawValue)
            let work = try await call.work(inPerson: !isOrdinary)
            let draft = try Fields.read(body) { AccountDraft(&$0) }
            let account = try await AccountRepository(work: work).create(
                draft, hashing: call.site.passwords, hashed: call.passwordHash)
            return call.answer(account, status: .created)
        },
        Route(.get, "/accounts/{id}", .signedIn(.admin), "A person", answer: schema) { call in
            call.answer(try await call.read(AccountRepository.find(call.id("id"))))
        },
        Route(
            .patch, "/accounts/{id}", .signedIn(.admin),
            "Change a person. A new password, role or status ends their sessions. With an API token: neither password nor role",
            payload: .json(draft.patch), answer: schema, permission: { .account(try $0.id("id")) }
        ) { call in
            let body = try await call.json()
            let work = try await call.work(inPerson: body["password"] != nil || body["role"] != nil)
            let patch = try Fields.read(body) { AccountPatch(&$0) }
            let account = try await AccountRepository(work: work).update(
                call.id("id"), patch, ifMatch: call.ifMatch, hashing: call.site.passwords, tells: call.site.sendsMail)
            return call.answer(account)
        },
        Route(
            .delete, "/accounts/{id}", .signedIn(.admin), "Remove a person on whom nothing hangs",
            status: .noContent, permission: { .account(try $0.id("id")) }
        ) { call in
            try await AccountRepository(work: call.work()).remove(call.id("id"), ifMatch: call.ifMatch)
            return call.nothing
        },
    ]
}

extension Call {
    /// The transaction of this request; where it must not be done by an API token, one that refuses those, which is
    /// asked at once, before the body is judged.
    fileprivate func work(inPerson: Bool) async throws -> UnitOfWork {
        guard inPerson else { return try work() }
        let work = try work(as: .adminInPerson)
        _ = try await work.enter()
        return work
    }
}
