import FoundationEssentials

/// A kind of record that a OneRoster server is asked for.
enum RosterResource: String, CaseIterable, Sendable {
    case orgs, users, classes, enrollments

    /// In which order they are asked for: what others refer to comes later, so that it is there although it was made meanwhile.
    static let order: [RosterResource] = [.enrollments, .classes, .users, .orgs]

    var file: RosterFile {
        switch self {
        case .orgs: .orgs
        case .users: .users
        case .classes: .classes
        case .enrollments: .enrollments
        }
    }

    /// The columns of the package's file that are made of it.
    var columns: [String] {
        let own =
            switch self {
            case .orgs: ["name", "type"]
            case .users:
                ["enabledUser", "username", "givenName", "familyName", "preferredGivenName", "email", "identifier"]
            case .classes: ["title", "classCode", "classType"]
            case .enrollments: ["classSourcedId", "userSourcedId", "role", "beginDate", "endDate"]
            }
        return ["sourcedId", "status", "dateLastModified"] + own
    }
}

/// A record of a server's answer (OneRoster 1.1 and 1.2, REST binding), as rows of the files of a package of version 1.2. What is
/// wrong with it is for the import to tell, which reads the rows; so every object has rows, whatever its members are.
struct RosterRecord {
    /// The columns of `roles.csv`.
    static let roleColumns = ["sourcedId", "status", "userSourcedId", "roleType", "role", "beginDate", "endDate"]

    /// Empty where it has none.
    let sourcedID: String
    /// When it was last changed, by the server's clock; nil where it does not say.
    let changedAt: Date?
    /// A cell for each of the resource's columns.
    let cells: [String]
    /// Rows of `roles.csv`: of a user, what they are.
    let roles: [[String]]

    init(_ object: JSONObject, of resource: RosterResource) {
        let sourcedID = object.cell("sourcedId")
        self.sourcedID = sourcedID
        let changed = object.cell("dateLastModified")
        changedAt = Instant.date(parsing: changed)
        let status = object.cell("status")
        cells = resource.columns.map { column in
            switch column {
            // a server of 1.1 that says nothing means that it is there
            case "status": status.isEmpty ? "active" : status
            case "classSourcedId": object.reference("class")
            case "userSourcedId": object.reference("user")
            case "beginDate", "endDate": object.day(column)
            // the two versions, and the two bindings, have a name of their own for it
            case "preferredGivenName":
                ["preferredFirstName", "preferredGivenName"].map(object.cell).first { !$0.isEmpty } ?? ""
            default: object.cell(column)
            }
        }
        guard resource == .users else {
            roles = []
            return
        }
        func row(_ type: String, _ role: String, _ begin: String, _ end: String) -> [String] {
            [sourcedID, "active", sourcedID, type, role, begin, end]
        }
        if case .array(let values)? = object["roles"] {
            roles = values.prefix(Self.mostRoles).compactMap { value in
                guard case .object(let one) = value else { return nil }
                return row(one.cell("roleType"), one.cell("role"), one.day("beginDate"), one.day("endDate"))
            }
        } else {
            // 1.1 has one word
            let role = object.cell("role")
            roles = role.isEmpty ? [] : [row("primary", role, "", "")]
        }
    }

    /// Roles of one person that are read.
    private static let mostRoles = 100
}

extension JSONObject {
    /// A member as the text of a cell; empty for objects, lists and null.
    fileprivate func cell(_ name: String) -> String {
        switch self[name] {
        case .string(let text)?: text
        case .number(let number)?: number.text
        case .bool(let value)?: value ? "true" : "false"
        case .null?, .array?, .object?, nil: ""
        }
    }

    /// The sourcedId of what a member refers to.
    fileprivate func reference(_ name: String) -> String {
        if case .object(let other)? = self[name] { return other.cell("sourcedId") }
        return ""
    }

    /// A day; some servers write the moment at which it begins.
    fileprivate func day(_ name: String) -> String {
        let text = cell(name)
        guard text.utf8.count > 10, text.dropFirst(10).first == "T" else { return text }
        return String(text.prefix(10))
    }
}
