import Casework
import HTTPTypes
import Tenancy

/// `/cohorts/{id}/groups`.
enum SupportGroupAPI {
    private static let group = Schema.object([
        .field("id", .id), .field("name"),
        .field(
            "members", .array(.object([.field("id", .id), .field("name"), .field("card", .nullable(CardAPI.shape))]))),
    ])
    private static let permission: @Sendable (Call) throws -> Permission = { .cohort(try $0.id("id")) }

    static let routes: [Route] = [
        Route(
            .get, "/cohorts/{id}/groups", .signedIn(.casework), "Lists the groups that support a cohort.",
            query: Route.Parameter.paging, answer: .page(group), permission: permission
        ) { call in
            call.answer(
                try await call.read(SupportGroupRepository.attached(to: try call.id("id"), try call.page())))
        },
        Route(
            .get, "/cohorts/{id}/available-groups", .signedIn(.casework),
            "Lists the groups that could support a cohort.",
            query: [Route.Parameter("q", .string(0...200), "part of the name")] + Route.Parameter.paging,
            answer: .page(group), permission: permission
        ) { call in
            let (search, page) = try call.query { ($0.optional("q", .text(0...200)), $0.page()) }
            return call.answer(
                try await call.read(SupportGroupRepository.available(to: try call.id("id"), search: search, page)))
        },
        Route(
            .put, "/cohorts/{id}/groups/{groupId}", .signedIn(.editors), "Attaches a group to a cohort.",
            status: .noContent, permission: permission
        ) { call in
            try await repository(call).attach(try call.id("groupId"), to: try call.id("id"))
            return call.nothing
        },
        Route(
            .delete, "/cohorts/{id}/groups/{groupId}", .signedIn(.editors), "Detaches a group from a cohort.",
            status: .noContent, permission: permission
        ) { call in
            try await repository(call).detach(try call.id("groupId"), from: try call.id("id"))
            return call.nothing
        },
    ]

    private static func repository(_ call: Call) throws -> SupportGroupRepository {
        SupportGroupRepository(work: try call.work())
    }
}
