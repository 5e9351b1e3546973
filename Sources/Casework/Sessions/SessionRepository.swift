import Postgres
import Tenancy

/// The caller's own sign-in.
public struct SessionRepository: Sendable {
    let work: UnitOfWork

    /// - Parameter work: for the audience `any`.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// Who the caller is, and what is open to them.
    public func me(_ token: SessionToken) async throws -> Me {
        let sql: SQL = """
            select \(Account.columns), (select name from settings) as institution_name,
                (select student_visibility from settings) as visible, (select cohort_delegation from settings) as delegated
            from accounts where id = waymark.account_id()
            """
        let slug = work.institution.slug
        return try await work(sql.one(Me.Standing.self)).me(slug: slug, token: token)
    }

    /// Signs out. The row stays for a week: by it `FormOrigin` tells whose the session's forms are.
    /// - Throws: `CaseworkError.notFound` where the token is no session but an API token.
    public func end(_ token: SessionToken) async throws {
        let sql: SQL = """
            with old as (update sessions set expires_at = now() where token_hash = \(token.hash) returning account_id)
            insert into audit (action, subject) select 'session.delete', 'account/' || account_id from old
            """
        guard try await work(sql.affected()) == 1 else { throw CaseworkError.notFound }
    }
}

/// What `GET /me` tells.
public struct Me: Sendable, JSONEncodable {
    /// A part of the product that is open to the caller.
    public enum MenuItem: String, Sendable, JSONEncodable {
        /// Staff and above.
        case caseManagement = "case-management"
        /// Who may edit cohorts.
        case cohorts
        /// Admins.
        case settings
        /// Students, once it is visible.
        case dashboard
    }

    /// The caller.
    public let account: Account
    /// The first label of the institution's host.
    public let institutionSlug: String
    /// The institution's name.
    public let institutionName: String
    /// What is open to the caller.
    public let menu: [MenuItem]
    /// What unsafe requests with a cookie must carry.
    public let csrfToken: String

    /// Writes `{"account","institution","menu","csrfToken"}`.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("account", account)
            json.object("institution") { json in
                json.field("slug", institutionSlug)
                json.field("name", institutionName)
            }
            json.field("menu", menu)
            json.field("csrfToken", csrfToken)
        }
    }

    struct Standing: Sendable, RowDecodable {
        let account: Account
        let name: String
        let isVisible: Bool
        let isDelegated: Bool

        init(row: Row) throws {
            account = try Account(row: row)
            name = try row.get("institution_name")
            isVisible = try row.get("visible")
            isDelegated = try row.get("delegated")
        }

        func me(slug: String, token: SessionToken) -> Me {
            Me(
                account: account, institutionSlug: slug, institutionName: name,
                menu: Me.menu(of: account.role, isVisible: isVisible, isDelegated: isDelegated),
                csrfToken: token.secret.csrfToken)
        }
    }

    static func menu(of role: Role, isVisible: Bool, isDelegated: Bool) -> [MenuItem] {
        switch role {
        case .admin: [.caseManagement, .cohorts, .settings]
        case .director, .manager: isDelegated ? [.caseManagement, .cohorts] : [.caseManagement]
        case .staff: [.caseManagement]
        case .student: isVisible ? [.dashboard] : []
        }
    }
}
