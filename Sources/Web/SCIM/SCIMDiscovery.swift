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
            return call.scim(Listed(items: SCIMDescription.all.map { Described(schema: $0, base: call.scimBase) }))
        },
        Route(.get, "/Schemas/{name}", .signedIn(.scim), "What one kind of resources looks like") { call in
            _ = try await call.work().enter()
            let name = try call.word("name")
            guard let schema = SCIMDescription.all.first(where: { $0.id == name }) else { throw CaseworkError.notFound }
            return call.scim(Described(schema: schema, base: call.scimBase))
        },
    ]
}

/// A kind of resources (RFC 7643, 6).
struct SCIMType: Sendable {
    let name: String
    let place: String
    let schema: String
    /// Schemas of what a resource may have besides.
    var extensions: [String] = []

    static let all = [
        SCIMType(
            name: "User", place: "Users", schema: SCIMSchema.user, extensions: [SCIMSchema.enterprise]),
        SCIMType(name: "Group", place: "Groups", schema: SCIMSchema.group),
    ]
}

/// What resources, or extensions of them, look like (RFC 7643, 7).
struct SCIMDescription: Sendable {
    let id: String
    let name: String
    let attributes: [SCIMAttribute]

    static let all = [
        SCIMDescription(
            id: SCIMSchema.user, name: "User",
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
        SCIMDescription(
            id: SCIMSchema.enterprise, name: "EnterpriseUser",
            attributes: [SCIMAttribute("employeeNumber", isCaseExact: true, uniqueness: "server")]),
        SCIMDescription(
            id: SCIMSchema.group, name: "Group",
            attributes: [
                SCIMAttribute("displayName", isRequired: true),
                SCIMAttribute(
                    "members", "complex", isMultiple: true,
                    parts: [
                        SCIMAttribute("value", mutability: "immutable"),
                        SCIMAttribute("$ref", "reference", mutability: "immutable"),
                        SCIMAttribute("type", mutability: "immutable", values: ["User", "Group"]),
                    ]),
            ]),
    ]
}

/// An attribute of a resource or of an extension (RFC 7643, 7).
struct SCIMAttribute: Sendable, JSONEncodable {
    let name: String
    let type: String
    let isMultiple: Bool
    let isRequired: Bool
    let isCaseExact: Bool
    let mutability: String
    let uniqueness: String
    /// What it may be; empty where nothing is said of it.
    let values: [String]
    let parts: [SCIMAttribute]

    init(
        _ name: String, _ type: String = "string", isMultiple: Bool = false, isRequired: Bool = false,
        isCaseExact: Bool = false, mutability: String = "readWrite", uniqueness: String = "none",
        values: [String] = [], parts: [SCIMAttribute] = []
    ) {
        self.name = name
        self.type = type
        self.isMultiple = isMultiple
        self.isRequired = isRequired
        self.isCaseExact = isCaseExact
        self.mutability = mutability
        self.uniqueness = uniqueness
        self.values = values
        self.parts = parts
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("name", name)
            json.field("type", type)
            json.field("multiValued", isMultiple)
            json.field("required", isRequired)
            if type == "string" { json.field("caseExact", isCaseExact) }
            if type == "reference" { json.field("referenceTypes", ["User", "Group"]) }
            if !values.isEmpty { json.field("canonicalValues", values) }
            json.field("mutability", mutability)
            json.field("returned", "default")
            if type != "complex" { json.field("uniqueness", uniqueness) }
            if !parts.isEmpty { json.field("subAttributes", parts) }
        }
    }
}

private struct Described: JSONEncodable {
    let schema: SCIMDescription
    let base: String

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("schemas", ["urn:ietf:params:scim:schemas:core:2.0:Schema"])
            json.field("id", schema.id)
            json.field("name", schema.name)
            json.field("attributes", schema.attributes)
            json.object("meta") {
                $0.field("resourceType", "Schema")
                $0.field("location", "\(base)/Schemas/\(schema.id)")
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
            if !type.extensions.isEmpty {
                json.array("schemaExtensions", type.extensions) { json, schema in
                    json.object {
                        $0.field("schema", schema)
                        $0.field("required", false)
                    }
                }
            }
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
