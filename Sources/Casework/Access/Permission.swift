import Postgres
import Tenancy

/// Whether the caller sees the object that a call is about, and may change it. Each feature says so for its own objects.
///
/// What row security hides does not exist for the caller: `notFound`. What is seen and may not be changed: `forbidden`.
public struct Permission: Sendable {
    private let row: SQL
    private let editable: SQL

    /// - Parameters:
    ///   - row: a query that finds a row where the caller sees the object.
    ///   - editable: a condition, whether the caller may change it.
    init(_ row: SQL, editable: SQL = "true") {
        self.row = row
        self.editable = editable
    }

    /// - Parameters:
    ///   - row: a query that finds a row where the caller sees the object.
    ///   - cohort: a query for the cohort it belongs to. Admins edit all; others what delegation links to them.
    init(_ row: SQL, ofCohort cohort: SQL) {
        self.row = row
        editable = "waymark.may_edit_cohort((" + cohort + "))"
    }

    /// Enters, and asks the database for the object under the caller's own role.
    /// - Returns: the caller's account id.
    /// - Throws: `CaseworkError.notFound`, `.forbidden`; `EntryRefusal`; `PostgresError`.
    public func check(in work: UnitOfWork, changing: Bool) async throws -> Int {
        let query: SQL =
            "select waymark.account_id() as account, exists(" + row + ") as visible, " + editable + " as editable"
        let found = try await work(query.one(Finding.self))
        guard found.visible else { throw CaseworkError.notFound }
        guard found.editable || !changing else { throw CaseworkError.forbidden }
        return found.account
    }

    private struct Finding: RowDecodable {
        let account: Int
        let visible: Bool
        let editable: Bool

        init(row: Row) throws {
            account = try row.get("account")
            visible = try row.get("visible")
            editable = try row.get("editable")
        }
    }
}
