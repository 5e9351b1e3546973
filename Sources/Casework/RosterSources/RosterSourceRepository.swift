import Postgres
import Tenancy

extension SealedColumn {
    /// The secret by which the server of rosters knows us.
    static let rosterSecret = SealedColumn(table: "roster_sources", row: "id", secret: "sealed_secret")
}

/// The source of the institution's roster, and its runs. Admins set and start them in person, never by API token.
public struct RosterSourceRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) { self.work = work }

    /// The source as it is set.
    public static func find() -> Reading<RosterSource> { Reading(row) }

    private static let row: Query<RosterSource> =
        ("select \(RosterSource.columns) from roster_sources s cross join settings x where s.id = 1" as SQL)
        .one(RosterSource.self)

    /// The runs, newest first.
    public static func runs(_ page: PageRequest) throws -> Reading<Page<RosterRun>> {
        var sql: SQL =
            "select \(RosterRun.columns) from roster_runs r left join accounts a on a.id = r.account_id where true"
        if let cursor = page.after { sql += " and r.id < \(try cursor.int(0))" }
        sql += " order by r.id desc limit \(page.fetch)"
        return Reading(sql.all(RosterRun.self)) { Page($0, page) { Cursor(.int($0.id)) } }
    }

    private static let audited: SQL = """
        jsonb_build_object('enabled', enabled, 'baseUrl', base_url, 'tokenUrl', token_url, 'clientId', client_id, 'scope', scope,
            'everyHours', every_hours, 'hour', hour, 'suspendsMissing', suspends_missing, 'partial', partial,
            'clientSecret', case when sealed_secret is null then 'none' else 'set' end)
        """

    /// Sets the source. A secret that is not sent stays, but goes where an address or the client is another: it is not theirs. Of
    /// another server all there is is fetched first. What is due just now is left out: the next run comes at the next such hour.
    /// - Parameter keys: seal the secret; called only where there is one.
    /// - Throws: `preconditionFailed`.
    public func set(
        _ draft: RosterSourceDraft, ifMatch: IfMatch, keys: () throws -> SecretKeys
    ) async throws -> RosterSource {
        let place = SealedColumn.rosterSecret.place(in: work.institution, row: 1)
        let sealed = try draft.secret.value.map { try keys().seal(Array($0.utf8), at: place).text }
        let sql: SQL = """
            with old as (select * from roster_sources where id = 1 and \(ifMatch.accepts("version")) for update),
                new as (
                    update roster_sources s set enabled = \(draft.isEnabled), base_url = \(draft.baseURL),
                        token_url = \(draft.tokenURL), client_id = \(draft.clientID), scope = \(draft.scope),
                        every_hours = \(draft.everyHours), hour = \(draft.hour), done_on = null, done_at = now(), suspends_missing = \(draft.suspendsMissing), partial = \(draft.isPartial),
                        sealed_secret = case when \(draft.secret.isPresent) then \(sealed)::text
                            when (old.base_url, old.token_url, old.client_id) is distinct from
                                (\(draft.baseURL)::text, \(draft.tokenURL)::text, \(draft.clientID)::text) then null
                            else old.sealed_secret end,
                        read_to = case when old.base_url is distinct from \(draft.baseURL)::text then null else old.read_to end,
                        whole_at = case when old.base_url is distinct from \(draft.baseURL)::text then null else old.whole_at end,
                        version = s.version + 1
                    from old where s.id = 1
                    returning s.enabled, s.base_url, s.token_url, s.client_id, s.sealed_secret, s.scope, s.every_hours, s.hour,
                        s.suspends_missing, s.partial),
                noted as (
                    insert into audit (action, subject, before, after)
                    select 'roster.source', 'roster-source', (select \(Self.audited) from old), \(Self.audited) from new)
            select count(*)::int from new
            """
        let (changed, _, found) = try await work(
            sql.value(Int.self), ("select schedule_roster()" as SQL).done(), Self.row)
        guard changed == 1 else { throw CaseworkError.preconditionFailed }
        return found
    }

    private static let refusals: Refusals = ["roster_runs_open_key": .conflict(Refusal(.rosterRunOpen))]

    /// Starts a run, as soon as a worker comes by.
    /// - Throws: `conflict` where one waits or is under way, and where the source does not say enough.
    public func start(_ draft: RosterRunDraft) async throws -> RosterRun {
        let started: SQL = """
            with new as (
                insert into roster_runs (whole, most_suspended)
                select \(draft.isWhole), \(draft.mostSuspended)::int from roster_sources
                where base_url is not null and token_url is not null and client_id is not null and sealed_secret is not null
                returning id, state, account_id, whole, short, most_suspended, asked_at, started_at, ended_at, records, added,
                    updated, unchanged, failed, skipped, suspended, leaving, fault, detail, fault_count, fault_most, problems),
            noted as (
                insert into audit (action, subject, after)
                select 'roster.run', 'roster-source', jsonb_build_object('whole', whole, 'mostSuspended', most_suspended) from new)
            select \(RosterRun.columns) from new r left join accounts a on a.id = r.account_id
            """
        let (run, _) = try await Self.refusals {
            try await work(started.optional(RosterRun.self), ("select schedule_roster()" as SQL).done())
        }
        guard let run else { throw CaseworkError.conflict(Refusal(.rosterNotSet)) }
        return run
    }
}
