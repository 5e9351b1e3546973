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

    /// Reads the body of a POST.
    public init(_ body: JSONObject) throws(CaseworkError) { try take(whole: body) }

    init(displayName: String, externalID: String?, members: Set<Int>) {
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
        var named: [String] = path.filter.filter { $0.path.plain == "value" }.map(\.text)
        guard named.count == path.filter.count else { throw FieldRefusal("path", .notASCIMPath) }
        if path.filter.isEmpty {
            let values = if case .array(let values) = value { values } else { value == .null ? [] : [value] }
            for value in values {
                let id = if case .object(let object) = value { object.member("value") ?? .null } else { value }
                guard let text = try id.text(100, of: "members") else { continue }
                named.append(text)
            }
        }
        switch kind {
        case .add: members.formUnion(try Self.ids(named))
        case .replace where path.filter.isEmpty: members = Set(try Self.ids(named))
        case .replace: break
        case .remove where path.filter.isEmpty && value == .null: members = []
        // who is not here is in no group
        case .remove: members.subtract(named.compactMap(Self.id))
        }
    }

    private static func ids(_ texts: [String]) throws(FieldRefusal) -> [Int] {
        var ids: [Int] = []
        for text in texts {
            guard let id = id(text) else { throw .unknownUser(text) }
            ids.append(id)
        }
        return ids
    }

    private static func id(_ text: String) -> Int? {
        guard let id = Int(text), String(id) == text, (1...Int(Int32.max)).contains(id) else { return nil }
        return id
    }
}

extension FieldRefusal {
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
            ? "array(select m.scim_user_id from scim_members m where m.scim_group_id = g.id)" : "'{}'::int[]"
        return "g.id, g.display_name, g.external_id, \(ids) as members, g.created_at, g.changed_at, g.version"
    }

    /// Reads `columns`.
    public init(row: Row) throws {
        id = try row.get("id")
        group = SCIMGroup(
            displayName: try row.get("display_name"), externalID: try row.get("external_id"),
            members: Set(try row.get("members", as: [Int].self)))
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
                json.array("members", group.members.sorted()) { json, id in
                    json.object {
                        $0.field("value", String(id))
                        $0.field("$ref", "\(base)/Users/\(id)")
                    }
                }
            }
            if selection.has("meta") { writeMeta(to: &json, "Group", createdAt, changedAt, below: base) }
        }
    }
}
