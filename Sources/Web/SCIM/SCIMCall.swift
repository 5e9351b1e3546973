import Casework
import HTTPTypes
import Hummingbird
import NIOCore

extension Call {
    /// The address that the places of SCIM stand behind, as the client knows this host.
    var scimBase: String { "https://\(request.head.authority ?? "")/scim/v2" }

    /// The number of the user in the path.
    /// - Throws: `notFound` for what is no user's id.
    func scimUser() throws -> Int {
        guard let id = SCIMID(try word("id"))?.user else { throw CaseworkError.notFound }
        return id
    }

    /// The number of the group in the path.
    /// - Throws: `notFound` for what is no group's id.
    func scimGroup() throws -> Int {
        guard let id = SCIMID(try word("id"))?.group else { throw CaseworkError.notFound }
        return id
    }

    /// The object of a body of at most a mebibyte.
    /// - Throws: `unsupportedMediaType`, `malformed`, `tooLarge`; `invalid` for what is no object.
    func scimBody() async throws -> JSONObject {
        guard let name = try mediaType()?.name, ["application/scim+json", "application/json"].contains(name) else {
            throw CaseworkError.unsupportedMediaType(Refusal(.notSCIM))
        }
        return try JSONObject(parsing: try await body(limit: 1 << 20))
    }

    /// What the body of a search asks for.
    func scimSearch() async throws -> SCIMSearch { try SCIMSearch(try await scimBody()) }

    /// Which part of a list is asked for.
    func scimPage() throws -> SCIMPage { try query { try SCIMPage(&$0) } }

    /// Which attributes are asked for.
    func scimSelection() throws -> SCIMSelection {
        try query {
            SCIMSelection(
                only: $0.optional("attributes", .verbatim(maxBytes: 4_096)),
                without: $0.optional("excludedAttributes", .verbatim(maxBytes: 4_096)))
        }
    }

    /// A document of SCIM.
    func scim(_ value: some JSONEncodable, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/scim+json"],
            body: .init(byteBuffer: ByteBuffer(bytes: JSONWriter.bytes(of: value))))
    }

    /// One resource, with its tag; a new one with its place.
    func scim(_ resource: some SCIMResource, status: HTTPResponse.Status = .ok) throws -> Response {
        let base = scimBase
        var response = scim(
            Written(base: base, selection: try scimSelection(), resource: resource) as Written, status: status)
        response.headers[.eTag] = resource.version.entityTag
        if status == .created { response.headers[.location] = resource.id.location(below: base) }
        return response
    }

    /// A page of a list.
    func scim(_ list: SCIMList, _ selection: SCIMSelection) -> Response {
        scim(WrittenList(base: scimBase, selection: selection, list: list))
    }
}

private struct Written<Resource: SCIMResource>: JSONEncodable {
    let base: String
    let selection: SCIMSelection
    let resource: Resource

    func write(to json: inout JSONWriter) { resource.write(to: &json, below: base, selection) }
}

/// RFC 7644, 3.4.2.
private struct WrittenList: JSONEncodable {
    let base: String
    let selection: SCIMSelection
    let list: SCIMList

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("schemas", [SCIMSchema.list])
            json.field("totalResults", list.total)
            json.field("startIndex", list.start)
            json.field("itemsPerPage", list.resources.count)
            json.array("Resources", list.resources) { $1.write(to: &$0, below: base, selection) }
        }
    }
}
