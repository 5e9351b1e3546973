import Postgres
import Tenancy

/// Which accounts a list shows.
public struct AccountFilter: Sendable, Hashable {
    /// Only those of this role.
    public var role: Role?
    /// Only those of this status.
    public var status: AccountStatus?
    /// A part of a name, an e-mail address or a student number, in any case.
    public var text: String?
    /// Only those whose invitation is there.
    public var invitation: InvitationState.Step?
    /// The archived ones, which are left out otherwise (unless `status` asks for them).
    public var archived = false

    /// Everybody who is not archived.
    public init() {}

    /// Reads the parameters of `GET /accounts`.
    public init(_ fields: inout Fields) {
        role = fields.optional("role", .choice(Role.self))
        status = fields.optional("status", .choice(AccountStatus.self))
        invitation = fields.optional("invitation", .choice(InvitationState.Step.self))
        text = fields.optional("q", .text(1...200))
        archived = fields.value("archived", .bool, default: false)
    }
}

extension AccountRepository {
    /// How many rows, in the list's order, are looked through before the trigram index is asked.
    private static let walk = 1000

    /// The accounts a filter lets through, by name, then id.
    public static func list(_ filter: AccountFilter, _ page: PageRequest) throws -> Reading<Page<Account>> {
        Reading(try rows(filter, page).all(Account.self)) { Page($0, page) { Cursor(.text($0.sortName), .int($0.id)) } }
    }

    /// The same with how far each invitation is.
    public static func listInvited(
        _ filter: AccountFilter, _ page: PageRequest
    ) throws -> Reading<Page<InvitedAccount>> {
        let sql: SQL = """
            select \(Account.columns), \(InvitationState.columns(of: "x.id"))
            from (\(try rows(filter, page))) x order by sort_name, id
            """
        return Reading(sql.all(InvitedAccount.self)) {
            Page($0, page) { Cursor(.text($0.account.sortName), .int($0.account.id)) }
        }
    }

    private static func rows(_ filter: AccountFilter, _ page: PageRequest) throws -> SQL {
        var conditions: [SQL] = []
        if let status = filter.status {
            conditions.append(status.condition)
        } else if !filter.archived {
            conditions.append("status <> 'archived'")
        }
        if filter.archived { conditions.append("status = 'archived'") }
        if let role = filter.role { conditions.append(role.condition) }
        if let step = filter.invitation {
            conditions.append("id in (select account_id from invitation_states where state = \(step.rawValue))")
        }
        conditions.append(try page.following("sort_name", "id"))
        // who was erased is not to be found by anything
        if filter.text != nil { conditions.append("erased_at is null") }
        let condition = conditions.joined(separator: " and ")
        if let text = filter.text { return Self.search(text, condition, page.fetch) }
        return "select \(Account.columns) from accounts where \(condition) order by sort_name, id limit \(page.fetch)"
    }

    /// What is searched for, with what a pattern would take for its own escaped: after folding, which may make such a sign.
    private static func pattern(_ text: String) -> SQL {
        #"replace(replace(replace(waymark.folded(\#(text)), '\', '\\'), '%', '\%'), '_', '\_')"#
    }

    /// Under row security the planner cannot know how common a piece of text is, so the statement finds out: a common
    /// text fills the page from the first rows in order, a rare one is found by the trigram index.
    private static func search(_ text: String, _ condition: SQL, _ limit: Int) -> SQL {
        // fewer than three characters make no trigram, and reading the whole index would cost more than the table
        let column: SQL = text.count < 3 ? "search_text || ''" : "search_text"
        let match: SQL = "\(column) like '%' || \(Self.pattern(text)) || '%'"
        return """
            with early as materialized (
                select \(Account.columns)
                from (
                    select \(Account.columns), search_text from accounts where \(condition)
                    order by sort_name, id limit \(Self.walk)) first
                where \(match) order by sort_name, id limit \(limit)),
            late as materialized (
                select id, sort_name from accounts
                where \(condition) and \(match) and (select count(*) from early) < \(limit))
            select \(Account.columns) from early where (select count(*) from early) >= \(limit)
            union all
            select \(Account.columns) from accounts
            where id in (select id from late order by sort_name, id limit \(limit))
            order by sort_name, id limit \(limit)
            """
    }
}

// Written out, because the partial indexes serve only plans that know the value.

extension Role {
    fileprivate var condition: SQL {
        switch self {
        case .admin: "role = 'admin'"
        case .director: "role = 'director'"
        case .manager: "role = 'manager'"
        case .staff: "role = 'staff'"
        case .student: "role = 'student'"
        }
    }
}

extension AccountStatus {
    fileprivate var condition: SQL {
        switch self {
        case .active: "status = 'active'"
        case .suspended: "status = 'suspended'"
        case .archived: "status = 'archived'"
        }
    }
}
