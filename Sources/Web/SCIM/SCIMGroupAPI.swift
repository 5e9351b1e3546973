import Casework
import Hummingbird
import Tenancy

/// The groups of SCIM (RFC 7644, 3), for identity providers with a token for it.
enum SCIMGroupAPI {
    static let routes: [Route] = [
        Route(.get, "/Groups", .signedIn(.scim), "Groups, the oldest first") { call in
            let selection = try call.scimSelection()
            let list = try SCIMGroupRepository.list(call.scimPage(), members: selection.hasMembers)
            return call.scim(try await call.read(list), selection)
        },
        Route(.post, "/Groups/.search", .signedIn(.scim), "The same, asked for in the body", payload: .json(.any)) {
            call in
            let search = try await call.scimSearch()
            let list = try SCIMGroupRepository.list(search.page, members: search.selection.hasMembers)
            return call.scim(try await call.read(list), search.selection)
        },
        Route(.post, "/.search", .signedIn(.scim), "Users, then groups, asked for in the body", payload: .json(.any)) {
            call in
            let search = try await call.scimSearch()
            let list = try SCIMSearchRepository.list(search.page, members: search.selection.hasMembers)
            return call.scim(try await call.read(list), search.selection)
        },
        Route(.post, "/Groups", .signedIn(.scim), "Take in a group", payload: .json(.any), status: .created) { call in
            let group = try SCIMGroup(try await call.scimBody())
            return try call.scim(try await repository(call).create(group), status: .created)
        },
        Route(.get, "/Groups/{id}", .signedIn(.scim), "One group") { call in
            let members = try call.scimSelection().hasMembers
            return try call.scim(try await call.read(SCIMGroupRepository.find(call.scimGroup(), members: members)))
        },
        Route(.put, "/Groups/{id}", .signedIn(.scim), "Replace a group", payload: .json(.any)) { call in
            let body = try await call.scimBody()
            return try call.scim(
                try await repository(call).update(call.scimGroup(), ifMatch: call.ifMatch) { try $0.replaced(by: body) }
            )
        },
        // Entra expects no content, because a group may have very many members
        Route(
            .patch, "/Groups/{id}", .signedIn(.scim), "Change a group", payload: .json(.any), status: .noContent
        ) { call in
            let operations = try SCIMPatch.operations(of: try await call.scimBody())
            let group = try await repository(call).update(call.scimGroup(), ifMatch: call.ifMatch) {
                try $0.patched(by: operations)
            }
            var response = call.nothing
            response.headers[.eTag] = group.version.entityTag
            return response
        },
        Route(.delete, "/Groups/{id}", .signedIn(.scim), "Remove a group, with its rule", status: .noContent) { call in
            try await repository(call).remove(call.scimGroup(), ifMatch: call.ifMatch)
            return call.nothing
        },
    ]

    private static func repository(_ call: Call) throws -> SCIMGroupRepository {
        SCIMGroupRepository(work: try call.work(), passwords: call.site.passwords)
    }
}
