import FoundationEssentials
import Postgres

/// A group as an identity provider sends it (RFC 7643, 4.2).
public struct SCIMGroup: Sendable, Hashable {
    /// What it is called.
    public var displayName = ""
    /// The provider's own key.
    public var externalID: String?
    /// The users and groups in it.
    public var members: Set<SCIMID> = []

    /// Reads the body of a POST.
    public init(_ body: JSONObject) throws(CaseworkError) { try take(whole: body) }

    init(displayName: String, externalID: String?, members: Set<SCIMID>) {
        self.displayName = displayName
        self.externalID = externalID
        self.members = members
    }

    /// The group with the values of a PUT; the own key stays where it is not said.
    public func replaced(by body: JSONObject) throws(CaseworkError) -> SCIMGroup {
        var group = SCIMGroup(displayName: "", externalID: externalID, members: [])
        try group.take(whole: body)
        return group
    }

    /// The group after a PATCH.
    public func patched(by operations: [SCIMOperation]) throws(CaseworkError) -> SCIMGroup {
        var group = self
        try group.apply(operations)
        return group
    }

    private mutating func take(whole body: JSONObject) throws(CaseworkError) {
        do throws(FieldRefusal) { try take(body) } catch { throw .invalid([error]) }
        guard !displayName.isEmpty else { throw .invalid("displayName", .required) }
    }
}

extension SCIMGroup: SCIMPatchable {
    mutating func change(_ kind: SCIMOperation.Kind, _ path: SCIMPath, _ value: JSONValue) throws(FieldRefusal) {
        switch (path.attribute, path.sub) {
        case ("displayname", nil):
            guard kind != .remove, let text = try value.text(200, of: "displayName") else {
                throw FieldRefusal("displayName", .required)
            }
            displayName = text
        case ("externalid", nil): externalID = kind == .remove ? nil : try value.text(255, of: "externalId")
        case ("members", _): try changeMembers(kind, path, value)
        default: break
        }
    }

    /// Who is meant stands in the path, `members[value eq "2"]`, or in the value, as Entra sends it.
    private mutating func changeMembers(
        _ kind: SCIMOperation.Kind, _ path: SCIMPath, _ value: JSONValue
    ) throws(FieldRefusal) {
        let named = path.filter.isEmpty ? try Self.named(in: value) : try Self.named(by: path.filter)
        switch kind {
        case .add: try add(named)
        case .replace where path.filter.isEmpty:
            members = []
            try add(named)
        case .replace: break
        case .remove where path.filter.isEmpty && value == .null: members = []
        // who is not here is in no group
        case .remove: members.subtract(named.compactMap { SCIMID($0) })
        }
    }

    private mutating func add(_ named: [String]) throws(FieldRefusal) {
        for text in named {
            guard let id = SCIMID(text) else { throw .unknownMember(text) }
            members.insert(id)
        }
    }

    /// A `type` beside the value has to be the id's own.
    private static func named(by filter: [SCIMComparison]) throws(FieldRefusal) -> [String] {
        let types = filter.filter { $0.path.plain == "type" }.map { $0.text.lowercased() }
        let values = filter.filter { $0.path.plain == "value" }.map(\.text)
        guard !values.isEmpty, values.count + types.count == filter.count else {
            throw FieldRefusal("path", .notASCIMPath)
        }
        return values.filter { value in types.allSatisfy { $0 == SCIMID(value)?.type.lowercased() } }
    }

    private static func named(in value: JSONValue) throws(FieldRefusal) -> [String] {
        let values = if case .array(let values) = value { values } else { value == .null ? [] : [value] }
        var named: [String] = []
        for value in values {
            let id = if case .object(let object) = value { object.member("value") ?? .null } else { value }
            if let text = try id.text(100, of: "members") { named.append(text) }
        }
        return named
    }
}

extension FieldRefusal {
    /// A member who is not here.
    static func unknownMember(_ id: String) -> FieldRefusal {
        FieldRefusal("members", Refusal(.scimUnknownMember, ["id": .text(id)]))
    }
}

/// A group that is kept here.
public struct StoredSCIMGroup: Sendable, RowDecodable, SCIMResource {
    /// What it is known by, which no other group ever gets.
    public let id: SCIMID
    /// What was sent.
    public let group: SCIMGroup
    /// When it came.
    public let createdAt: Date
    /// When it changed last.
    public let changedAt: Date
    /// The version of the row.
    public let version: Version

    /// - Parameter members: whether to read who is in it.
    static func columns(members: Bool = true) -> SQL {
        let ids: SQL =
            members
            ? """
            array(select m.scim_user_id from scim_members m where m.scim_group_id = g.id) as members,
            array(select s.member_id from scim_subgroups s where s.scim_group_id = g.id) as groups
            """ : "'{}'::int[] as members, '{}'::int[] as groups"
        return "g.id, g.display_name, g.external_id, \(ids), g.created_at, g.changed_at, g.version"
    }

    /// Reads `columns`.
    public init(row: Row) throws {
        id = .group(try row.get("id"))
        let users = try row.get("members", as: [Int].self).map(SCIMID.user)
        let groups = try row.get("groups", as: [Int].self).map(SCIMID.group)
        group = SCIMGroup(
            displayName: try row.get("display_name"), externalID: try row.get("external_id"),
            members: Set(users + groups))
        createdAt = try row.get("created_at")
        changedAt = try row.get("changed_at")
        version = Version(try row.get("version"))
    }

    /// Writes the resource of RFC 7643, 4.2; what there is none of is not there.
    public func write(to json: inout JSONWriter, below base: String, _ selection: SCIMSelection) {
        json.object { json in
            json.field("schemas", [SCIMSchema.group])
            json.field("id", id.text)
            if let key = group.externalID, selection.has("externalid") { json.field("externalId", key) }
            if selection.has("displayname") { json.field("displayName", group.displayName) }
            if selection.has("members") {
                let all = group.members.users.map(SCIMID.user) + group.members.groups.map(SCIMID.group)
                json.array("members", all) { json, member in
                    json.object {
                        $0.field("value", member.text)
                        $0.field("$ref", member.location(below: base))
                        $0.field("type", member.type)
                    }
                }
            }
            if selection.has("meta") { writeMeta(to: &json, createdAt, changedAt, below: base) }
        }
    }
}
