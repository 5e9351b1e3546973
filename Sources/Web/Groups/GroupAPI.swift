import Casework
import HTTPTypes
import Tenancy

/// `/groups` and their members.
enum GroupAPI {
    private static let description = Schema.nullable(.string(0...10_000))
    private static let group = Schema.versioned([
        .field("id", .id), .field("name"), .field("description", .nullable(.string())),
        .field("departmentId", .nullable(.id)), .field("archived", .boolean),
    ])
    private static let draft = Schema.object([
        .field("name", .string(1...200)), .optional("description", description),
        .optional("departmentId", .nullable(.id)),
    ])
    private static let patch = Schema.object([
        .optional("name", .string(1...200)), .optional("description", description),
        .optional("departmentId", .nullable(.id)), .optional("archived", .boolean),
    ])
    private static let member = Schema.object([
        .field("id", .id), .field("name"), .field("manager", .boolean), .field("card", .nullable(CardAPI.shape)),
    ])
    private static let permission: @Sendable (Call) throws -> Permission = { .group(try $0.id("id")) }
    private static let members: @Sendable (Call) throws -> Permission = { .members(try $0.id("id")) }

    static let routes: [Route] = [
        Route(
            .get, "/groups", .signedIn(.staff), "Lists the groups by name.",
            query: [
                Route.Parameter("departmentId", .id, "only those of this department"),
                Route.Parameter("q", .string(0...200), "part of the name"),
                Route.Parameter("archived", .boolean, "archived groups instead of those in use"),
            ] + Route.Parameter.paging, answer: .page(group)
        ) { call in
            let (filter, page) = try call.query { (GroupFilter(&$0), $0.page()) }
            return call.answer(try await call.read(GroupRepository.list(filter, page)))
        },
        Route(
            .post, "/groups", .signedIn(.groups),
            "Makes a group; a director's lies in a department the director directs.",
            payload: .json(draft), status: .created, answer: group
        ) { call in
            let draft = try Fields.read(try await call.json()) { GroupDraft(&$0) }
            return call.answer(try await repository(call).create(draft), status: .created)
        },
        Route(.get, "/groups/{id}", .signedIn(.staff), "Shows a group.", answer: group) { call in
            call.answer(try await call.read(GroupRepository.find(try call.id("id"))))
        },
        Route(
            .patch, "/groups/{id}", .signedIn(.groups), "Changes, moves, archives or restores a group.",
            payload: .json(patch), answer: group, permission: permission
        ) { call in
            let patch = try Fields.read(try await call.json()) { GroupPatch(&$0) }
            return call.answer(
                try await repository(call).update(try call.id("id"), patch, ifMatch: call.ifMatch))
        },
        Route(
            .delete, "/groups/{id}", .signedIn(.groups), "Deletes a group that supports no cohort and has no members.",
            status: .noContent, permission: permission
        ) { call in
            try await repository(call).delete(try call.id("id"), ifMatch: call.ifMatch)
            return call.nothing
        },
        Route(
            .get, "/groups/{id}/members", .signedIn(.members), "Lists who belongs to a group.",
            query: Route.Parameter.paging, answer: .page(member), permission: members
        ) { call in
            call.answer(try await call.read(MembershipRepository.list(of: try call.id("id"), try call.page())))
        },
        Route(
            .put, "/groups/{id}/members/{accountId}", .signedIn(.members),
            "Makes somebody a member; who directs the group also says whether as its manager.",
            payload: .optionalJSON(.object([.optional("manager", .boolean)])), status: .noContent, permission: members
        ) { call in
            let draft = try Fields.read(try await call.json()) { MembershipDraft(&$0) }
            try await memberships(call).put(try call.id("accountId"), in: try call.id("id"), draft)
            return call.nothing
        },
        Route(
            .delete, "/groups/{id}/members/{accountId}", .signedIn(.members), "Ends a membership.",
            status: .noContent, permission: members
        ) { call in
            try await memberships(call).remove(try call.id("accountId"), from: try call.id("id"))
            return call.nothing
        },
    ]

    private static func repository(_ call: Call) throws -> GroupRepository {
        GroupRepository(work: try call.work())
    }

    private static func memberships(_ call: Call) throws -> MembershipRepository {
        MembershipRepository(work: try call.work())
    }
}
