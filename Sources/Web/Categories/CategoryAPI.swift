import Casework
import Hummingbird
import Tenancy

/// Categories of cohorts, for those who may edit cohorts.
enum CategoryAPI {
    static let routes: [Route] = [
        Route(
            .get, "/categories", .signedIn(.editors), "Lists the categories by name.",
            query: [Route.Parameter("q", .string(0...200), "part of the name")] + Route.Parameter.paging,
            answer: .page(shape)
        ) { call in
            let (search, page) = try call.query { ($0.optional("q", .text(0...200)), $0.page()) }
            return call.answer(try await call.read(CategoryRepository.list(search: search, page)))
        },
        Route(
            .post, "/categories", .signedIn(.editors), "Makes a category.",
            payload: .json(draft), status: .created, answer: shape
        ) { call in
            let draft = try Fields.read(try await call.json()) { CategoryDraft(&$0) }
            return call.answer(try await CategoryRepository(work: try call.work()).create(draft), status: .created)
        },
        Route(
            .get, "/categories/{id}", .signedIn(.editors), "Shows a category.", answer: shape, permission: permission
        ) { call in
            call.answer(try await call.read(CategoryRepository.find(try call.id("id"))))
        },
        Route(
            .patch, "/categories/{id}", .signedIn(.editors),
            "Renames a category, or moves it to a place among the others.",
            payload: .json(change), answer: shape, permission: permission
        ) { call in
            let patch = try Fields.read(try await call.json()) { CategoryPatch(&$0) }
            return call.answer(
                try await CategoryRepository(work: try call.work()).update(
                    try call.id("id"), patch, ifMatch: call.ifMatch))
        },
        Route(
            .delete, "/categories/{id}", .signedIn(.editors), "Deletes a category without cohorts.",
            status: .noContent, permission: permission
        ) { call in
            try await CategoryRepository(work: try call.work()).delete(try call.id("id"), ifMatch: call.ifMatch)
            return call.nothing
        },
    ]

    private static let shape = Schema.versioned([
        .field("id", .id), .field("name"), .field("position", .nullable(.integer(1...Int(Int32.max)))),
    ])
    private static let draft = Schema.object([.field("name", .string(1...200))])
    private static let change = Schema.object([
        .optional("name", .string(1...200)), .optional("position", .integer(1...Int(Int32.max))),
    ])
    private static let permission: @Sendable (Call) throws -> Permission = { .category(try $0.id("id")) }
}
