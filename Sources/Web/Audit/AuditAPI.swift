import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// `/audit`.
enum AuditAPI {
    static let routes: [Route] = [
        Route(
            .get, "/audit", .signedIn(.admin), "Lists who did what, newest first",
            query: [
                .init("actorId", .id, "Only what this account did"),
                .init("subject", .string(0...200), "Such as cohort/12"),
                .init("actor", .string(0...200), "Part of the name or address of who did it"),
                .init(
                    "about", .string(0...200),
                    "Part of the name of what it was done to: of each kind the newest 1,000 of that name"),
                .init("from", .string(), "An instant, or a day in the institution's time zone"),
                .init("to", .string(), "An instant, or a day, which it includes"),
            ] + Route.Parameter.paging,
            answer: .page(schema)
        ) { call in
            let (filter, page) = try call.query { (AuditFilter(&$0), $0.page()) }
            return call.answer(try await call.read(AuditRepository.list(filter, page)))
        }
    ]

    private static let schema = Schema.object([
        .field("id", .integer()), .field("at", .instant),
        .field("actor", .object([.field("id", .nullable(.id)), .field("name", .nullable(.string()))])),
        .field("tokenId", .nullable(.id)), .field("action"), .field("subject"),
        .field("subjectName", .nullable(.string())), .field("otherName", .nullable(.string())), .field("before", .any),
        .field("after", .any),
    ])
}
