import Postgres
import Tenancy

/// Reads a student's dashboard: the fast path of the whole product.
public enum DashboardRepository {
    /// The caller's dashboard: one round trip where the content of the caller's cohorts is kept, else a second one, which
    /// reads all of it anew. Row security picks the rows: none of its conditions is repeated here.
    /// - Throws: `EntryRefusal.hidden` before visibility; `PostgresError`.
    public static func read(in work: UnitOfWork, kept: KeptContent) async throws -> Dashboard {
        try await complete(work.read(OwnProgress.reading), in: work, kept: kept)
    }

    /// The same, with something else in the same round trip.
    /// - Throws: the same; what the reading throws.
    public static func read<Other: Sendable>(
        with other: Reading<Other>, in work: UnitOfWork, kept: KeptContent
    ) async throws -> (Other, Dashboard) {
        let (other, own) = try await work.read(other, OwnProgress.reading)
        return (other, try await complete(own, in: work, kept: kept))
    }

    private static func complete(
        _ own: OwnProgress?, in work: UnitOfWork, kept: KeptContent
    ) async throws -> Dashboard {
        guard let own else { return Dashboard.empty }
        if let content = kept.content(own.content, of: work.institution) { return Dashboard(content, own) }
        // The key before the content: what is kept may be newer than its key says, never older.
        let (now, content) = try await work.read(OwnProgress.reading, CohortContent.reading)
        guard let now else { return Dashboard.empty }
        kept.keep(content, now.content, of: work.institution)
        return Dashboard(content, now)
    }

    /// The text of what is sent for a dashboard whose content is kept, for measuring what the database alone needs for it.
    public static var statement: String { OwnProgress.sql.text }
}
