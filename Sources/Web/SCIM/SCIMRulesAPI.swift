import Casework
import Hummingbird
import Tenancy

/// What admins rule about users and groups of SCIM.
enum SCIMRulesAPI {
    private static let defaultRole = Schema.choice(SCIMRole.Default.allCases.map(\.rawValue))
    private static let role = Schema.choice(SCIMRole.allCases.map(\.rawValue))
    private static let rules = Schema.versioned([
        .field("defaultRole", .nullable(defaultRole)), .field("users", .integer()), .field("accounts", .integer()),
    ])
    private static let group = Schema.versioned([
        .field("id", .id), .field("name"), .field("members", .integer()), .field("role", .nullable(role)),
        .field("groupId", .nullable(.id)), .field("groupName", .nullable(.string())),
        .field("version", .integer()),
    ])
    private static let problem = Schema.object([
        .field("id", .id), .field("userName"), .field("accountId", .nullable(.id)), .field("code"),
    ])

    private static let losing = [
        Route.Parameter(
            "mostLosing", .integer(0...1_000_000),
            "how many people may be suspended by it, get a lesser role, or leave a support group; nobody where nothing is said"
        )
    ]

    static let routes: [Route] = [
        Route(
            .get, "/scim", .signedIn(.admin), "Shows what users of SCIM become who are in no group with a rule.",
            answer: rules
        ) { call in
            call.answer(try await call.read(SCIMRulesRepository.find()))
        },
        Route(
            .patch, "/scim", .signedIn(.adminInPerson),
            "Changes what users of SCIM become who are in no group with a rule; accounts follow at once.",
            query: losing, payload: .json(.object([.optional("defaultRole", .nullable(defaultRole))])), answer: rules,
            problems: [409]
        ) { call in
            let role = try Fields.read(try await call.json()) {
                $0.patchOptional("defaultRole", .choice(SCIMRole.Default.self))
            }
            return call.answer(
                try await repository(call).update(role, mostLosing: try mostLosing(call), ifMatch: call.ifMatch))
        },
        Route(
            .get, "/scim/groups", .signedIn(.admin), "Groups of SCIM, by name, with what their members become.",
            query: Route.Parameter.paging, answer: .page(group)
        ) { call in
            call.answer(try await call.read(SCIMRulesRepository.groups(call.page())))
        },
        Route(
            .put, "/scim/groups/{id}/rule", .signedIn(.adminInPerson),
            "Says what members of a group of SCIM become, and to which support group they belong.",
            query: losing, payload: .json(.object([.field("role", role), .optional("groupId", .nullable(.id))])),
            answer: group, permission: { .scimGroup(try $0.id("id")) }, problems: [409]
        ) { call in
            let rule = try Fields.read(try await call.json()) { SCIMGroupRule(&$0) }
            return call.answer(
                try await repository(call).rule(
                    call.id("id"), rule, mostLosing: try mostLosing(call), ifMatch: call.ifMatch))
        },
        Route(
            .delete, "/scim/groups/{id}/rule", .signedIn(.adminInPerson),
            "Ends the rule of a group of SCIM, and what it gave.", query: losing, status: .noContent,
            permission: { .scimGroup(try $0.id("id")) }, problems: [409]
        ) { call in
            guard try await call.read(SCIMRulesRepository.group(call.id("id"))).role != nil else {
                throw CaseworkError.notFound
            }
            _ = try await repository(call).rule(
                call.id("id"), nil, mostLosing: try mostLosing(call), ifMatch: call.ifMatch)
            return call.nothing
        },
        Route(
            .get, "/scim/problems", .signedIn(.admin), "Users of SCIM whose accounts could not follow, and why.",
            query: Route.Parameter.paging, answer: .page(problem)
        ) { call in
            call.answer(try await call.read(SCIMRulesRepository.problems(call.page())))
        },
    ]

    private static func mostLosing(_ call: Call) throws -> Int {
        try call.query { $0.value("mostLosing", .int(0...1_000_000), default: 0) }
    }

    private static func repository(_ call: Call) throws -> SCIMRulesRepository {
        SCIMRulesRepository(work: try call.work(), passwords: call.site.passwords)
    }
}
