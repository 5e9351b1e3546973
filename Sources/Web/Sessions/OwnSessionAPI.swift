import Casework
import Hummingbird
import Tenancy

/// `/me/sessions`: where one is signed in. Not for programs.
enum OwnSessionAPI {
    private static let shape = Schema.object([
        .field("id", .id), .field("createdAt", .instant), .field("seenAt", .instant), .field("current", .boolean),
        .field("address", .nullable(.string(1...100))), .field("program", .nullable(.string(1...100))),
    ])

    static let routes: [Route] = [
        Route(
            .get, "/me/sessions", .signedIn(.any), "Where the caller is signed in, the last used first, at most 50",
            answer: .object([.field("items", .array(shape)), .field("next", .nullable(.string()))])
        ) { call in
            try call.demandPerson()
            guard let token = call.token else { throw CaseworkError.unauthenticated }
            return call.answer(Page(items: try await call.read(SessionRepository.own(token))))
        },
        Route(
            .delete, "/me/sessions", .signedIn(.any), "Sign out everywhere else", status: .noContent
        ) { call in
            try call.demandPerson()
            guard let token = call.token else { throw CaseworkError.unauthenticated }
            _ = try await SessionRepository(work: call.work()).endOthers(keeping: token)
            return call.nothing
        },
        Route(
            .delete, "/me/sessions/{id}", .signedIn(.any), "Sign out in one place", status: .noContent, problems: [404]
        ) { call in
            try call.demandPerson()
            try await SessionRepository(work: call.work()).endOne(call.id("id"))
            return call.nothing
        },
    ]
}
