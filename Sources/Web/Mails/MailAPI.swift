import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// Mail to the institution's people, for admins.
enum MailAPI {
    private static let mail = Schema.object([
        .field("id", .id), .field("kind", .choice(MailKind.allCases.map(\.rawValue))),
        .field("account", .object([.field("id", .id), .field("name"), .field("email")])),
        .field("day", .date), .field("state", .choice(MailState.allCases.map(\.rawValue))),
        .field("attempts", .integer()), .field("reason", .nullable(.string())),
        .field("dueAt", .nullable(.instant)),
    ])

    static let routes: [Route] = [
        Route(
            .get, "/mails", .signedIn(.admin), "Mail to people, the newest first, and what became of it",
            query: [.init("state", .choice(MailState.allCases.map(\.rawValue)), "Only mail in this state")]
                + Route.Parameter.paging,
            answer: .page(mail)
        ) { call in
            let (state, page) = try call.query { ($0.optional("state", .choice(MailState.self)), $0.page()) }
            return call.answer(try await call.read(MailRepository.list(state, page)))
        },
        Route(
            .post, "/mails/{id}/resend", .signedIn(.admin), "Send a failed mail again, of what holds then",
            status: .noContent
        ) { call in
            try await MailRepository(work: call.work()).resend(call.id("id"))
            return call.nothing
        },
    ]
}
