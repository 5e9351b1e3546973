import Casework
import Hummingbird
import Tenancy

/// The users of SCIM (RFC 7644, 3), for identity providers with a token for it.
enum SCIMUserAPI {
    static let routes: [Route] = [
        Route(.get, "/Users", .signedIn(.scim), "Users, inactive ones too, the oldest first") { call in
            call.scim(try await call.read(SCIMUserRepository.list(call.scimPage())), try call.scimSelection())
        },
        Route(.post, "/Users/.search", .signedIn(.scim), "The same, asked for in the body", payload: .json(.any)) {
            call in
            let search = try await call.scimSearch()
            return call.scim(try await call.read(SCIMUserRepository.list(search.page)), search.selection)
        },
        Route(.post, "/Users", .signedIn(.scim), "Take in a user", payload: .json(.any), status: .created) { call in
            let user = try SCIMUser(try await call.scimBody())
            return try call.scim(try await repository(call).create(user), status: .created)
        },
        Route(.get, "/Users/{id}", .signedIn(.scim), "One user") { call in
            try call.scim(try await call.read(SCIMUserRepository.find(call.scimUser())))
        },
        Route(.put, "/Users/{id}", .signedIn(.scim), "Replace a user", payload: .json(.any)) { call in
            let body = try await call.scimBody()
            return try call.scim(
                try await repository(call).update(call.scimUser(), ifMatch: call.ifMatch) { try $0.replaced(by: body) })
        },
        Route(.patch, "/Users/{id}", .signedIn(.scim), "Change a user", payload: .json(.any)) { call in
            let operations = try SCIMPatch.operations(of: try await call.scimBody())
            return try call.scim(
                try await repository(call).update(call.scimUser(), ifMatch: call.ifMatch) {
                    try $0.patched(by: operations)
                })
        },
        Route(.delete, "/Users/{id}", .signedIn(.scim), "Remove a user; the account is archived", status: .noContent) {
            call in
            try await repository(call).remove(call.scimUser(), ifMatch: call.ifMatch)
            return call.nothing
        },
    ]

    private static func repository(_ call: Call) throws -> SCIMUserRepository {
        SCIMUserRepository(work: try call.work(), passwords: call.site.passwords)
    }
}
