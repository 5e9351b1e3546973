import FoundationEssentials
import Postgres

/// What a program with an API token may do.
public enum TokenScope: String, Sendable, Hashable, CaseIterable, JSONEncodable {
    case read, write
    /// SCIM, and nothing but that.
    case scim
}

/// A program's way in: acts as its maker, as long as that is an active admin.
public struct APIToken: Sendable, Hashable, RowDecodable, JSONEncodable {
    /// Number of the token; the audit names it.
    public let id: Int
    /// What its maker calls it.
    public let name: String
    /// What it may do.
    public let scopes: [TokenScope]
    /// When it was made.
    public let createdAt: Date
    /// When it stops working.
    public let expiresAt: Date
    /// Account id and name of who made it.
    public let makerID: Int
    /// Name of who made it.
    public let makerName: String

    /// Reads a row of `TokenRepository`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        scopes = try row.get("scopes", as: [String].self).compactMap(TokenScope.init)
        createdAt = try row.get("created_at")
        expiresAt = try row.get("expires_at")
        makerID = try row.get("maker_id")
        makerName = try row.get("maker_name")
    }

    /// Writes the token without its secret.
    public func write(to json: inout JSONWriter) {
        json.object { writeMembers(to: &$0) }
    }

    fileprivate func writeMembers(to json: inout JSONWriter) {
        json.field("id", id)
        json.field("name", name)
        json.field("scopes", scopes)
        json.field("createdAt", createdAt)
        json.field("expiresAt", expiresAt)
        json.object("maker") { json in
            json.field("id", makerID)
            json.field("name", makerName)
        }
    }
}

/// A token just made, with the text that is shown this once.
public struct NewAPIToken: Sendable, JSONEncodable {
    /// What will be listed.
    public let token: APIToken
    /// What the program presents.
    public let secret: SessionToken

    /// Writes the token with its text, as `token`.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            token.writeMembers(to: &json)
            json.field("token", secret.text)
        }
    }
}

/// A new token, as somebody asked for it.
public struct APITokenDraft: Sendable {
    /// What to call it.
    public var name: String
    /// When it stops working.
    public var expiresAt: Date
    /// What it may do.
    public var scopes: [TokenScope]

    /// A draft of these values, which `Fields` would have accepted.
    public init(name: String, expiresAt: Date, scopes: [TokenScope]) {
        self.name = name
        self.expiresAt = expiresAt
        self.scopes = scopes
    }

    /// Longest life of a token: a leap year, in seconds.
    public static let longestLife: Double = 366 * 86_400

    /// Reads the fields of `POST /tokens`.
    /// - Parameter now: what expiry is measured from.
    public init(_ fields: inout Fields, now: Date) {
        name = fields.required("name", .text(1...200))
        expiresAt = fields.required("expiresAt", .instant)
        scopes = fields.required("scopes", .choices(TokenScope.self, atLeast: 1))
        if scopes.contains(.scim), scopes.count > 1 { fields.refuse("scopes", .scimAlone) }
        // a bad instant has its own problem already
        guard !fields.problems.contains(where: { $0.field == "expiresAt" }) else { return }
        if expiresAt <= now {
            fields.refuse("expiresAt", .notInTheFuture)
        } else if expiresAt.timeIntervalSince(now) > Self.longestLife {
            fields.refuse("expiresAt", .tooFarInTheFuture)
        }
    }
}
