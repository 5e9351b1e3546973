import Casework
import HTTPTypes
import Tenancy

/// `/directory`.
enum DirectoryAPI {
    private static let entry = Schema.object([
        .field("id", .id), .field("name"), .field("groups", .array(.string())),
        .field("card", .nullable(CardAPI.shape)),
    ])

    static let routes: [Route] = [
        Route(
            .get, "/directory", .signedIn(.any), "Lists who works here; to students those with a published card.",
            query: [Route.Parameter("q", .string(0...200), "part of the name")] + Route.Parameter.paging,
            answer: .page(entry)
        ) { call in
            let (search, page) = try call.query { ($0.optional("q", .text(0...200)), $0.page()) }
            return call.answer(try await call.read(DirectoryRepository.list(search: search, page)))
        }
    ]
}
