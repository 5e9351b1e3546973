import Foundation
import Postgres

/// An institution as the operator sees it among all: what it noted of itself last (`waymark.institution_overview`).
public struct InstitutionOverview: RowDecodable, Sendable {
    static let all: SQL = """
        select id, slug, state, partition, remove_at, noted_at, students, staff, cohorts, bytes, signed_in_at, mails_waiting,
               mails_failed, schema_version, extract(epoch from behind)::bigint as behind
          from waymark.institution_overview order by slug
        """

    /// Which institution.
    public let institution: Institution
    /// Until when it can be taken back; nil unless it is to be removed.
    public let removeAt: Date?
    /// When it noted what follows; nil before the first time.
    public let notedAt: Date?
    /// Accounts that are not archived.
    public let students, staff: Int?
    /// Cohorts in use.
    public let cohorts: Int?
    /// Disk space of tables and indexes.
    public let bytes: Int?
    /// When somebody last signed in.
    public let signedInAt: Date?
    /// Mails to be sent, and mails given up.
    public let mailsWaiting, mailsFailed: Int?
    /// The last numbered change of its schema.
    public let schemaVersion: String?
    /// Seconds for which background work has been due.
    public let behind: Int

    /// Decodes the columns of the view.
    public init(row: Row) throws {
        institution = try Institution(row: row)
        removeAt = try row.get("remove_at")
        notedAt = try row.get("noted_at")
        students = try row.get("students")
        staff = try row.get("staff")
        cohorts = try row.get("cohorts")
        bytes = try row.get("bytes")
        signedInAt = try row.get("signed_in_at")
        mailsWaiting = try row.get("mails_waiting")
        mailsFailed = try row.get("mails_failed")
        schemaVersion = try row.get("schema_version")
        behind = try row.get("behind")
    }
}
