import Postgres

/// How background work stands in all institutions together (`waymark.background_figures`). What institutions note of themselves
/// is up to a quarter of an hour old: mails, and what has failed.
public struct BackgroundFigures: RowDecodable, Sendable {
    static let now: SQL = """
        select mails_waiting::bigint, mails_failed::bigint, mail_seconds::float8, rosters_waiting, rosters_failed,
               roster_seconds::float8, folders_failed, sweeps_waiting, sweep_seconds::float8
          from waymark.background_figures
        """

    /// Mails to be sent, and mails given up.
    public let mailsWaiting, mailsFailed: Int
    /// Institutions whose roster is to be fetched, and those whose last run failed.
    public let rostersWaiting, rostersFailed: Int
    /// Institutions whose last file of the folder was refused.
    public let foldersFailed: Int
    /// Institutions that have not been swept for 20 minutes.
    public let sweepsWaiting: Int
    /// For how many seconds the oldest has been due; zero where none is.
    public let mailSeconds, rosterSeconds, sweepSeconds: Double

    /// Decodes the columns of the view.
    public init(row: Row) throws {
        mailsWaiting = try row.get("mails_waiting")
        mailsFailed = try row.get("mails_failed")
        mailSeconds = try row.get("mail_seconds")
        rostersWaiting = try row.get("rosters_waiting")
        rostersFailed = try row.get("rosters_failed")
        rosterSeconds = try row.get("roster_seconds")
        foldersFailed = try row.get("folders_failed")
        sweepsWaiting = try row.get("sweeps_waiting")
        sweepSeconds = try row.get("sweep_seconds")
    }
}
