import Dates
import Postgres
import Tenancy

/// What a report is about: some cohorts, and a time.
public struct ReportFilter: Sendable, Hashable {
    /// Only cohorts of this category.
    public var categoryID: Int?
    /// Only this cohort.
    public var cohortID: Int?
    /// Only cohorts that this support group supports.
    public var groupID: Int?
    /// The time's first day, in the institution's zone.
    public var from: CalendarDate?
    /// The time's last day.
    public var to: CalendarDate?

    /// All cohorts, all the time.
    public init() {}

    /// Reads the parameters of the query string.
    public init(_ fields: inout Fields) {
        categoryID = fields.optional("categoryId", .id)
        cohortID = fields.optional("cohortId", .id)
        groupID = fields.optional("groupId", .id)
        from = fields.optional("from", .date)
        to = fields.optional("to", .date)
    }

    /// The views that reports read, with the condition that each of them gets. A milestone is of the time in which it is due, a
    /// request of the day on which it was asked, an enrollment of all the time that it lasts. Sign-ins are of no cohort and no
    /// time: only the last one of each is known.
    var facts: SQL {
        let views: [(name: SQL, conditions: [SQL])] = [
            ("report_progress", cohorts + days("due_on")),
            ("report_support", cohorts + support),
            ("report_answers", cohorts + days("day")),
            ("report_requests", cohorts + days("asked_on")),
            ("report_enrollments", cohorts + lasting),
            ("report_mails", days("day")),
        ]
        let narrowed = views.filter { !$0.conditions.isEmpty }.map { view in
            let conditions = view.conditions.dropFirst().reduce(view.conditions[0]) { $0 + " and " + $1 }
            return view.name + " as not materialized (select * from " + view.name + " where " + conditions + ")"
        }
        guard let first = narrowed.first else { return "" }
        return narrowed.dropFirst().reduce("with " + first) { $0 + ", " + $1 } + " "
    }

    private var cohorts: [SQL] {
        var conditions: [SQL] = []
        if let cohortID { conditions.append("cohort_id = \(cohortID)") }
        if let categoryID {
            conditions.append("cohort_id in (select c.id from cohorts c where c.category_id = \(categoryID))")
        }
        if let groupID {
            conditions.append("cohort_id in (select l.cohort_id from cohort_groups l where l.group_id = \(groupID))")
        }
        return conditions
    }

    private var support: [SQL] { groupID.map { ["group_id = \($0)"] } ?? [] }

    private func days(_ column: SQL) -> [SQL] {
        (from.map { [column + " >= \($0)"] } ?? []) + (to.map { [column + " <= \($0)"] } ?? [])
    }

    private var lasting: [SQL] {
        (from.map { ["(left_on is null or left_on >= \($0))"] } ?? []) + (to.map { ["joined_on <= \($0)"] } ?? [])
    }
}
