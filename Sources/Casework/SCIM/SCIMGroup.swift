import FoundationEssentials
import Postgres

/// A group as an identity provider sends it (RFC 7643, 4.2).
public struct SCIMGroup: Sendable, Hashable {
    /// What it is called.
    public var displayName = ""
    /// The provider's own key.
    public var externalID: String?
    /// Ids of the users in it.
    public var members: Set<Int> = []
    /// Ids of the groups in it.
    public var groups: Set<Int> = []

    /// Reads the body of a POST.
    public init(_ body: JSONObject) throws(CaseworkError) { try take(whole: body) }

    init(displayName: String, externalID: String?, members: Set<Int>, groups: Set<Int>) {
        self.displayName = displayName
        self.externalID = externalID
        self.members = members
        self.groups = groups
    }

    /// The group with the values of a PUT; the own key stays where it is not said.
    public func replaced(by body: JSONObject) throws(CaseworkError) -> SCIMGroup {
        var group = SCIMGroup(displayName: "", externalID: externalID, members: [], groups: [])
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

    /// A member as it is named: without a word a user, for providers leave it out.
    private struct Named {
        let text: String
        /// Whether it is a group; nil where nothing says so.
        let isGroup: Bool?

        var id: Int? {
            guard let id = Int(text), String(id) == text, (1...Int(Int32.max)).contains(id) else { return nil }
            return id
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
            (members, groups) = ([], [])
            try add(named)
        case .replace: break
        case .remove where path.filter.isEmpty && value == .null: (members, groups) = ([], [])
        // who is not here is in no group
        case .remove: for one in named { remove(one) }
        }
    }

    private mutating func add(_ named: [Named]) throws(FieldRefusal) {
        for one in named {
            let isGroup = one.isGroup ?? false
            guard let id = one.id else { throw isGroup ? .unknownGroup(one.text) : .unknownUser(one.text) }
            if isGroup { groups.insert(id) } else { members.insert(id) }
        }
    }

    /// Users and groups are counted apart: of two with the same number the user goes where nothing says which.
    private mutating func remove(_ one: Named) {
        guard let id = one.id else { return }
        if one.isGroup ?? !members.contains(id) { groups.remove(id) } else { members.remove(id) }
    }

    private static func named(by filter: [SCIMComparison]) throws(FieldRefusal) -> [Named] {
        let type = filter.first { $0.path.plain == "type" }?.text.lowercased()
        let values = filter.filter { $0.path.plain == "value" }
        guard !values.isEmpty, values.count + (type == nil ? 0 : 1) == filter.count else {
            throw FieldRefusal("path", .notASCIMPath)
        }
        return values.map { Named(text: $0.text, isGroup: type.map { $0 == "group" }) }
    }

    private static func named(in value: JSONValue) throws(FieldRefusal) -> [Named] {
        let values = if case .array(let values) = value { values } else { value == .null ? [] : [value] }
        var named: [Named] = []
        for value in values {
            let object: JSONObject? = if case .object(let object) = value { object } else { nil }
            let id = object.map { $0.member("value") ?? .null } ?? value
            guard let text = try id.text(100, of: "members") else { continue }
            named.append(Named(text: text, isGroup: object.flatMap(isGroup)))
        }
        return named
    }

    /// What `type` says of a member, else the address of `$ref`.
    private static func isGroup(_ member: JSONObject) -> Bool? {
        if case .string(let type)? = member.member("type") { return type.lowercased() == "group" }
        if case .string(let address)? = member.member("$ref") { return address.lowercased().contains("/groups/") }
        return nil
    }
}

extension FieldRefusal {
    /// A group as a member that is not here.
    static func unknownGroup(_ id: String) -> FieldRefusal {
        FieldRefusal("members", Refusal(.scimUnknownGroup, ["id": .text(id)]))
    }

    /// A member who is not here.
    static func unknownUser(_ id: String) -> FieldRefusal {
        FieldRefusal("members", Refusal(.scimUnknownUser, ["id": .text(id)]))
    }
}

/// A group that is kept here.
public struct StoredSCIMGroup: Sendable, RowDecodable, SCIMResource {
    /// As the address has it.
    public static let place = "Groups"

    /// Its number, which no other group ever gets.
    public let id: Int
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
        id = try row.get("id")
        group = SCIMGroup(
            displayName: try row.get("display_name"), externalID: try row.get("external_id"),
            members: Set(try row.get("members", as: [Int].self)), groups: Set(try row.get("groups", as: [Int].self)))
        createdAt = try row.get("created_at")
        changedAt = try row.get("changed_at")
        version = Version(try row.get("version"))
    }

    /// Writes the resource of RFC 7643, 4.2; what there is none of is not there.
    public func write(to json: inout JSONWriter, below base: String, _ selection: SCIMSelection) {
        json.object { json in
            json.field("schemas", [SCIMSchema.group])
            json.field("id", String(id))
            if let key = group.externalID, selection.has("externalid") { json.field("externalId", key) }
            if selection.has("displayname") { json.field("displayName", group.displayName) }
            if selection.has("members") {
                let all = group.members.sorted().map { ("User", $0) } + group.groups.sorted().map { ("Group", $0) }
                json.array("members", all) { json, member in
                    json.object {
                        $0.field("value", String(member.1))
                        $0.field("$ref", "\(base)/\(member.0)s/\(member.1)")
                        $0.field("type", member.0)
                    }
                }
            }
            if selection.has("meta") { writeMeta(to: &json, "Group", createdAt, changedAt, below: base) }
        }
    }
}
