import Postgres
import Tenancy

/// The object a call is about, and whether its caller sees it and is entitled to change it.
///
/// What row security hides does not exist for the caller: `notFound`. What is seen and may not be changed: `forbidden`.
public enum Scope: Sendable {
    /// A cohort category.
    case category(Int)
    /// A cohort, its milestones' list, its groups, its students.
    case cohort(Int)
    /// A milestone, by the cohort it belongs to.
    case milestone(Int)
    /// A milestone's file, by the cohort it belongs to.
    case file(Int)
    /// One student's progress on a milestone, and the step the caller is about to take.
    case progress(milestone: Int, student: Int, ProgressAction)
    /// A support group; directors change those of their departments.
    case group(Int)
    /// Who belongs to a group; directors and managers keep it.
    case members(Int)
    /// A department.
    case department(Int)
    /// An account and its invitations.
    case account(Int)
    /// The card of an account; colleagues see that the account exists.
    case card(Int)

    /// Enters, and asks the database for the object under the caller's own role.
    /// - Returns: the caller's account id.
    /// - Throws: `CaseworkError.notFound`, `.forbidden`; `EntryRefusal`; `PostgresError`.
    public func check(in work: UnitOfWork, changing: Bool) async throws -> Int {
        let found = try await work(query)
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

    private var query: Query<Finding> {
        let (row, editable): (SQL, SQL) =
            switch self {
            case .category(let id):
                ("select from cohort_categories where id = \(id)", "true")
            case .cohort(let id):
                ("select from cohorts where id = \(id)", Self.edits("select id from cohorts where id = \(id)"))
            case .milestone(let id):
                (
                    "select from milestones where id = \(id)",
                    Self.edits("select cohort_id from milestones where id = \(id)")
                )
            case .file(let id):
                (
                    "select from milestone_files where id = \(id)",
                    Self.edits("select cohort_id from milestone_files where id = \(id)")
                )
            case .progress(let milestone, let student, let action):
                Self.takes(action, on: "from assignments where milestone_id = \(milestone) and student_id = \(student)")
            case .group(let id):
                (
                    "select from groups where id = \(id)",
                    "waymark.may_edit_group((select department_id from groups where id = \(id)))"
                )
            case .members(let id):
                ("select from groups where id = \(id)", "waymark.may_change_members(\(id)::int)")
            case .department(let id): ("select from departments where id = \(id)", "true")
            case .account(let id): ("select from accounts where id = \(id)", "true")
            case .card(let id):
                (
                    "select from accounts where id = \(id) union all select from directory where id = \(id)",
                    CardRepository.isMine("\(id)::int")
                )
            }
        return ("select waymark.account_id() as account, exists(" + row + ") as visible, " + editable + " as editable")
            .one(Finding.self)
    }

    /// Admins edit all; others what delegation links to them.
    private static func edits(_ cohort: SQL) -> SQL {
        "(current_user like '%\\_admin' or coalesce((" + cohort + ") = any (waymark.editable_cohort_ids()), false))"
    }

    /// A role that may never take the step is refused before anybody looks whether there is anything to take it on.
    private static func takes(_ action: ProgressAction, on assignment: SQL) -> (SQL, SQL) {
        let never: SQL = """
            (case when waymark.is_student() then not \(action.isForStudents)::boolean else not \(action.isForStaff)::boolean end)
            """
        return (
            "select where " + never + " union all select " + assignment,
            "not " + never + " and coalesce((select case when waymark.is_student()"
                + " then \(action != .complete)::boolean or completion = 'student'"
                + " else waymark.may_act_in_cohort(cohort_id) end " + assignment + "), false)"
        )
    }
}
