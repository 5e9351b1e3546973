import Casework
import Foundation
import Postgres
import Tenancy

/// An account as a command prints it.
struct AccountReport: Encodable {
    let id: Int
    let email: String
    let name: String
    let role: String
    let status: String

    init(_ account: Account) {
        id = account.id
        email = account.email
        name = account.name
        role = account.role.rawValue
        status = account.status.rawValue
    }
}

/// A line of `account list`: what an admin sees, and whether the person can sign in by a password.
struct ListedAccount: RowDecodable, Encodable {
    let id: Int
    let email: String
    let name: String
    let role: String
    let status: String
    let hasPassword: Bool

    init(row: Row) throws {
        id = try row.get("id")
        email = try row.get("email")
        name = try row.get("name")
        role = try row.get("role")
        status = try row.get("status")
        hasPassword = try row.get("has_password")
    }

    /// Accounts by name; all, or those with a role.
    static func all(role: Role?) -> Query<[ListedAccount]> {
        let query: SQL = """
            select id, email, name, role, status, password_hash is not null as has_password
              from accounts where role = coalesce(\(role?.rawValue)::text, role) order by sort_name, id
            """
        return query.all(ListedAccount.self)
    }
}

/// Where somebody sets their password, once.
struct InvitationLink: Encodable {
    let url: String
    let expiresAt: String

    /// - Parameter origin: `https://northfield.example`
    init(_ invitation: Invitation, origin: String) {
        url = "\(origin)/invitations/\(invitation.secret.text)"
        expiresAt = invitation.expiresAt.formatted(.iso8601)
    }
}

extension AccountDraft {
    /// What was typed, judged by the rules of the API.
    /// - Throws: `CaseworkError.invalid` naming each field that cannot be used.
    init(
        email: String, givenName: String, familyName: String, preferredName: String? = nil, role: String,
        studentNumber: String? = nil
    ) throws {
        var form = ["email": [email], "givenName": [givenName], "familyName": [familyName], "role": [role]]
        form["preferredName"] = preferredName.map { [$0] }
        form["studentNumber"] = studentNumber.map { [$0] }
        self = try Fields.read(form: form) { AccountDraft(&$0) }
    }
}
