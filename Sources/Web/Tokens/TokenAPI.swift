import Casework
import Hummingbird
import Tenancy

/// API tokens, for admins in person.
enum TokenAPI {
    private static let scopes = Schema.array(.choice(TokenScope.allCases.map(\.rawValue)))
    private static let members: [Schema.Property] = [
        .field("id", .id), .field("name", .string(1...200)), .field("scopes", scopes), .field("createdAt", .instant),
        .field("expiresAt", .instant), .field("maker", .object([.field("id", .id), .field("name")])),
    ]

    static let routes: [Route] = [
        Route(
            .get, "/tokens", .signedIn(.adminInPerson), "API tokens, by name",
            query: Route.Parameter.paging, answer: .page(.object(members))
        ) { call in
            let page = try call.page()
            return call.answer(try await call.read(TokenRepository.list(page)))
        },
        Route(
            .post, "/tokens", .signedIn(.adminInPerson),
            "Make an API token, for at most a year; its text is shown this once",
            payload: .json(
                .object([.field("name", .string(1...200)), .field("expiresAt", .instant), .field("scopes", scopes)])),
            status: .created, answer: .object(members + [.field("token")])
        ) { call in
            let now = call.now
            let draft = try Fields.read(try await call.json()) { APITokenDraft(&$0, now: now) }
            return call.answer(try await TokenRepository(work: call.work()).create(draft), status: .created)
        },
        Route(.delete, "/tokens/{id}", .signedIn(.adminInPerson), "Revoke an API token", status: .noContent) { call in
            try await TokenRepository(work: call.work()).revoke(call.id("id"))
            return call.nothing
        },
    ]
}
