import Dates
import Postgres
import Tenancy

/// Reads what everybody did.
public struct AuditRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as an admin.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// The entries, newest first.
    public static func list(_ filter: AuditFilter, _ page: PageRequest) throws -> Reading<Page<AuditEntry>> {
        var sql: SQL = """
            select v.id, v.at, v.actor_id, a.name as actor_name, v.token_id, v.action, v.subject, v.before, v.after
              from audit v left join accounts a on a.id = v.actor_id where true
            """
        if let actor = filter.actorID { sql += " and v.actor_id = \(actor)" }
        if let subject = filter.subject { sql += " and v.subject = \(subject)" }
        if let from = filter.from { sql += " and v.at >= \(Self.start(of: from))" }
        switch filter.to {
        case .instant(let instant):
            // entries are told to the millisecond
            sql += " and v.at < date_trunc('milliseconds', \(instant)::timestamptz) + interval '1 millisecond'"
        case .day(let day): sql += " and v.at < \(Self.start(of: .day(day.adding(days: 1))))"
        case nil: break
        }
        if let cursor = page.after { sql += " and v.id < \(try cursor.int(0))" }
        sql += " order by v.id desc limit \(page.fetch)"
        return Reading(sql.all(AuditEntry.self)) { Page($0, page) { Cursor(.int($0.id)) } }
    }

    /// The same, at once.
    public func list(_ filter: AuditFilter, _ page: PageRequest) async throws -> Page<AuditEntry> {
        try await work.read(try Self.list(filter, page))
    }

    private static func start(of bound: AuditFilter.Bound) -> SQL {
        switch bound {
        case .instant(let instant): "\(instant)"
        case .day(let day): "(select \(day)::date::timestamp at time zone time_zone from settings)"
        }
    }
}
