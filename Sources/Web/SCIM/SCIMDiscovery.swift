import Casework
import Hummingbird
import Tenancy

/// What this server can do, and what its resources look like (RFC 7644, 4; RFC 7643, 5 to 7).
enum SCIMDiscovery {
    static let routes: [Route] = [
        Route(.get, "/ServiceProviderConfig", .signedIn(.scim), "What this server can do") { call in
            _ = try await call.work().enter()
            return call.scim(ServiceProviderConfig(base: call.scimBase))
        },
        Route(.get, "/ResourceTypes", .signedIn(.scim), "Kinds of resources") { call in
            _ = try await call.work().enter()
            return call.scim(Listed(items: SCIMType.all.map { ResourceType(type: $0, base: call.scimBase) }))
        },
        Route(.get, "/ResourceTypes/{name}", .signedIn(.scim), "One kind of resources") { call in
            _ = try await call.work().enter()
            let name = try call.word("name")
            guard let type = SCIMType.all.first(where: { $0.name == name }) else { throw CaseworkError.notFound }
            return call.scim(ResourceType(type: type, base: call.scimBase))
        },
        Route(.get, "/Schemas", .signedIn(.scim), "What resources look like") { call in
            _ = try await call.work().enter()
            return call.scim(Listed(items: SCIMType.all.map { TypeSchema(type: $0, base: call.scimBase) }))
        },
        Route(.get, "/Schemas/{name}", .signedIn(.scim), "What one kind of resources looks like") { call in
            _ = try await call.work().enter()
            let name = try call.word("name")
            guard let type = SCIMType.all.first(where: { $0.schema == name }) else { throw CaseworkError.notFound }
            return call.scim(TypeSchema(type: type, base: call.scimBase))
        },
    ]
}

/// A kind of resources.
struct SCIMType: Sendable {
    let name: String
    let place: String
    let schema: String
    let attributes: [SCIMAttribute]

    static let all = [
        SCIMType(
            name: "User", place: "Users", schema: SCIMSchema.user,
            attributes: [
                SCIMAttribute("userName", isRequired: true, uniqueness: "server"),
                SCIMAttribute(
                    "name", "complex", parts: [SCIMAttribute("givenName"), SCIMAttribute("familyName")]),
                SCIMAttribute("displayName"),
                SCIMAttribute("active", "boolean"),
                SCIMAttribute(
                    "emails", "complex", isMultiple: true,
                    parts: [SCIMAttribute("value"), SCIMAttribute("type"), SCIMAttribute("primary", "boolean")]),
            ]),
        SCIMType(
            name: "Group", place: "Groups", schema: SCIMSchema.group,
            attributes: [
                SCIMAttribute("displayName", isRequired: true),
                SCIMAttribute(
                    "members", "complex", isMultiple: true,
                    parts: [
                        SCIMAttribute("value", mutability: "immutable"),
                        SCIMAttribute("$ref", "reference", mutability: "immutable"),
                    ]),
            ]),
    ]
}

/// An attribute of a resource (RFC 7643, 7).
struct SCIMAttribute: Sendable, JSONEncodable {
    let name: String
    let type: String
    let isMultiple: Bool
    let isRequired: Bool
    let mutability: String
    let uniqueness: String
    let parts: [SCIMAttribute]

    init(
        _ name: String, _ type: String = "string", isMultiple: Bool = false, isRequired: Bool = false,
        mutability: String = "readWrite", uniqueness: String = "none", parts: [SCIMAttribute] = []
    ) {
        self.name = name
        self.type = type
        self.isMultiple = isMultiple
        self.isRequired = isRequired
        self.mutability = mutability
        self.uniqueness = uniqueness
        self.parts = parts
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("name", name)
            json.field("type", type)
            json.field("multiValued", isMultiple)
            json.field("required", isRequired)
            if type == "string" { json.field("caseExact", false) }
            // members are users: no group is in another here
            if type == "reference" { json.field("referenceTypes", ["User"]) }
            json.field("mutability", mutability)
            json.field("returned", "default")
            if type != "complex" { json.field("uniqueness", uniqueness) }
            if !parts.isEmpty { json.field("subAttributes", parts) }
        }
    }
}

private struct TypeSchema: JSONEncodable {
    let type: SCIMType
    let base: String

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("schemas", ["urn:ietf:params:scim:schemas:core:2.0:Schema"])
            json.field("id", type.schema)
            json.field("name", type.name)
            json.field("attributes", type.attributes)
            json.object("meta") {
                $0.field("resourceType", "Schema")
                $0.field("location", "\(base)/Schemas/\(type.schema)")
            }
        }
    }
}

private struct ResourceType: JSONEncodable {
    let type: SCIMType
    let base: String

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("schemas", ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"])
            json.field("id", type.name)
            json.field("name", type.name)
            json.field("endpoint", "/\(type.place)")
            json.field("schema", type.schema)
            json.object("meta") {
                $0.field("resourceType", "ResourceType")
                $0.field("location", "\(base)/ResourceTypes/\(type.name)")
            }
        }
    }
}

private struct ServiceProviderConfig: JSONEncodable {
    let base: String

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("schemas", ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"])
            json.object("patch") { $0.field("supported", true) }
            json.object("bulk") {
                $0.field("supported", false)
                $0.field("maxOperations", 0)
                $0.field("maxPayloadSize", 0)
            }
            json.object("filter") {
                $0.field("supported", true)
                $0.field("maxResults", SCIMPage.most)
            }
            json.object("changePassword") { $0.field("supported", false) }
            json.object("sort") { $0.field("supported", false) }
            json.object("etag") { $0.field("supported", true) }
            json.array("authenticationSchemes") {
                $0.object {
                    $0.field("type", "oauthbearertoken")
                    $0.field("name", "Bearer token")
                    $0.field("description", "A token for SCIM, which an admin makes")
                }
            }
            json.object("meta") {
                $0.field("resourceType", "ServiceProviderConfig")
                $0.field("location", "\(base)/ServiceProviderConfig")
            }
        }
    }
}

private struct Listed<Item: JSONEncodable>: JSONEncodable {
    let items: [Item]

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("schemas", [SCIMSchema.list])
            json.field("totalResults", items.count)
            json.field("startIndex", 1)
            json.field("itemsPerPage", items.count)
            json.field("Resources", items)
        }
    }
}
