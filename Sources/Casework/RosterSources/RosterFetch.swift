import Outgoing
import Postgres
import Tenancy

/// A run from its order to its end: fetched, then taken in as a package of files would be.
public struct RosterFetch: Sendable {
    private let client: HTTPSClient
    private let keys: SecretKeys?
    private let limits: RosterLimits

    /// - Parameters:
    ///   - client: asks the server.
    ///   - keys: open its secret.
    public init(client: HTTPSClient, keys: SecretKeys?, limits: RosterLimits = RosterLimits()) {
        self.client = client
        self.keys = keys
        self.limits = limits
    }

    /// Does the run.
    /// - Parameters:
    ///   - work: for what is fetched (`Deployment.roster(of:lease:)`).
    ///   - says: the sentence for what is wrong with a record.
    /// - Throws: `CancellationError`; `PostgresError` and other failures of this side. Nothing is stored then.
    public func run(
        _ order: RosterRuns.Order, work: UnitOfWork, says: @escaping @Sendable (FieldRefusal) -> String
    ) async throws -> RosterRuns.Outcome {
        do {
            let place = RosterConnection.Place(
                baseURL: order.baseURL, tokenURL: order.tokenURL, clientID: order.clientID,
                secret: try secret(order.sealedSecret, in: work.institution), scope: order.scope)
            let download = try await RosterDownloader.fetch(
                RosterConnection(place, client, limits), limits, since: order.isWholeWanted ? nil : order.since)
            let options = ImportOptions(
                isPartial: order.isPartial,
                suspendsMissing: order.suspendsMissing && download.isWhole && !download.isShort,
                mostSuspended: order.mostSuspended)
            let report = try await RosterImport(work: work).run(download.package, options, says: says)
            let intake = RosterIntake(download, report, says: says)
            return report.isRefused ? .failed(RosterFault(.records), intake) : .done(intake)
        } catch let fault as RosterFault {
            return .failed(fault, nil)
        } catch let error as CaseworkError {
            return .failed(RosterFault(error), nil)
        }
    }

    /// Asks the server for a token and one record, as somebody waits for it.
    /// - Throws: `RosterFault` where it cannot be used.
    public static func test(
        _ source: TestedSource, in institution: Institution, client: HTTPSClient, keys: SecretKeys?
    ) async throws {
        let limits = RosterLimits(page: 1, answer: 1 << 20, seconds: 10, whole: .seconds(20), wait: 0)
        let fetch = RosterFetch(client: client, keys: keys, limits: limits)
        let place = RosterConnection.Place(
            baseURL: source.baseURL, tokenURL: source.tokenURL, clientID: source.clientID,
            secret: try fetch.secret(source.sealedSecret, in: institution), scope: source.scope)
        var connection = RosterConnection(place, client, limits)
        let answer = try await connection.get("orgs?limit=1&offset=0")
        guard (200...299).contains(answer.status) else { throw RosterFault(.refused, "\(answer.status) at orgs") }
        _ = try RosterDownloader.records(in: answer, of: .orgs, most: limits.recordsOfAnswer)
    }

    private func secret(_ sealed: String?, in institution: Institution) throws -> String {
        let place = SealedColumn.rosterSecret.place(in: institution, row: 1)
        guard let sealed = sealed.flatMap({ SealedSecret($0) }), let secret = try? keys?.open(sealed, at: place) else {
            throw RosterFault(.secret)
        }
        return String(decoding: secret, as: UTF8.self)
    }
}

/// What a trial of the source goes by.
public struct TestedSource: Sendable, RowDecodable {
    let baseURL: String
    let tokenURL: String
    let clientID: String
    let sealedSecret: String?
    let scope: String?

    /// Reads what `reading` selects.
    public init(row: Row) throws {
        baseURL = try row.get("base_url")
        tokenURL = try row.get("token_url")
        clientID = try row.get("client_id")
        sealedSecret = try row.get("sealed_secret")
        scope = try row.get("scope")
    }

    /// The source as it is stored; nil where it does not say enough.
    public static var reading: Reading<TestedSource?> {
        let sql: SQL = """
            select base_url, token_url, client_id, sealed_secret, scope from roster_sources
            where base_url is not null and token_url is not null and client_id is not null
            """
        return Reading(sql.optional(TestedSource.self))
    }
}
