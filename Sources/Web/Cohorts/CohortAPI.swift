import Casework
import Hummingbird
import Tenancy

/// Cohorts: read in scope, changed by those who may edit them.
enum CohortAPI {
    static let routes: [Route] = [
        Route(
            .post, "/categories/{id}/cohorts", .signedIn(.editors), "Makes a cohort in a category.",
            payload: .json(draft), status: .created, answer: shape, permission: { .category(try $0.id("id")) }
        ) { call in
            let draft = try Fields.read(try await call.json()) { CohortDraft(&$0) }
            return call.answer(
                try await CohortRepository(work: try call.work()).create(in: try call.id("id"), draft), status: .created
            )
        },
        Route(
            .get, "/cohorts", .signedIn(.casework), "Lists the cohorts in scope by name.",
            query: [
                Route.Parameter("categoryId", .id, "only those of this category"),
                Route.Parameter("q", .string(0...200), "part of the name"),
                Route.Parameter("archived", .boolean, "archived cohorts instead of those in use"),
            ] + Route.Parameter.paging, answer: .page(shape)
        ) { call in
            let (filter, page) = try call.query { (CohortFilter(&$0), $0.page()) }
            return call.answer(try await call.read(CohortRepository.list(filter, page)))
        },
        Route(
            .get, "/cohorts/{id}", .signedIn(.casework), "Shows a cohort.", answer: shape, permission: permission
        ) { call in
            call.answer(try await call.read(CohortRepository.find(try call.id("id"))))
        },
        Route(
            .patch, "/cohorts/{id}", .signedIn(.editors), "Changes, moves, archives or restores a cohort.",
            payload: .json(patch), answer: shape, permission: permission
        ) { call in
            let patch = try Fields.read(try await call.json()) { CohortPatch(&$0) }
            return call.answer(
                try await CohortRepository(work: try call.work()).update(
                    try call.id("id"), patch, ifMatch: call.ifMatch))
        },
        Route(
            .delete, "/cohorts/{id}", .signedIn(.editors), "Deletes a cohort on which no student's work hangs.",
            status: .noContent, permission: permission
        ) { call in
            try await CohortRepository(work: try call.work()).delete(try call.id("id"), ifMatch: call.ifMatch)
            return call.nothing
        },
    ]

    private static let permission: @Sendable (Call) throws -> Permission = { .cohort(try $0.id("id")) }
    private static let goal = Schema.nullable(.string(0...10_000))
    private static let planned = Schema.nullable(.integer(0...1000))
    private static let draft = Schema.object([
        .field("name", .string(1...200)), .optional("goal", goal), .optional("plannedMilestones", planned),
    ])
    private static let patch = Schema.object([
        .optional("name", .string(1...200)), .optional("categoryId", .id), .optional("goal", goal),
        .optional("plannedMilestones", planned), .optional("archived", .boolean),
    ])
    static let shape = Schema.versioned([
        .field("id", .id), .field("categoryId", .id), .field("categoryName"), .field("name"),
        .field("goal", .nullable(.string())), .field("plannedMilestones", .nullable(.integer())),
        .field("archived", .boolean), .field("students", .integer()), .field("milestones", .integer()),
        .field("groups", .integer()),
    ])
}
