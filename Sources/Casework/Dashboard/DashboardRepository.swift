import Postgres
import Tenancy

/// Reads a student's dashboard: the fast path of the whole product.
public struct DashboardRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as a student.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// The caller's dashboard, in one round trip. Row security picks the rows: none of its conditions is repeated here.
    /// - Throws: `EntryRefusal.hidden` before visibility.
    public static func read() -> Reading<Dashboard> {
        Reading(cohorts, milestones, files, network) { cohorts, milestones, files, network in
            Dashboard(cohorts: cohorts, milestones: milestones, files: files, supportNetwork: network)
        }
    }

    /// The same, at once.
    public func read() async throws -> Dashboard {
        try await work.read(Self.read())
    }

    /// The text of each statement that `read` sends, for measuring what the database alone needs for them.
    public static var statements: [String] { [cohorts.sql, milestones.sql, files.sql, network.sql].map(\.text) }

    private static let cohorts = SQL("select id, name, category from my_cohorts order by lower(name), id")
        .all(Dashboard.Cohort.self)
    private static let milestones = SQL(
        """
        select milestone_id, cohort_id, title, due_on, description, status, overdue, completion, comment, version
          from my_assignments order by due_on nulls last, milestone_id
        """
    ).all(Dashboard.Item.self)
    private static let files = SQL(
        "select id, milestone_id, name, content_type, size from milestone_files order by milestone_id, lower(name), id"
    ).all(Dashboard.File.self)
    private static let network = SupportNetwork.query(of: "true")
}
