import Dates
import FoundationEssentials
import Postgres

/// Whose students are looked at.
public enum Caseload: Sendable, Hashable {
    /// All in the caller's scope.
    case all
    /// Those of one cohort.
    case cohort(Int)
    /// Those of the cohorts a support group is attached to.
    case group(Int)

    /// The ids of its cohorts, as far as row security shows them.
    var cohorts: SQL {
        switch self {
        case .all: "select c.id from cohorts c where c.archived_at is null"
        case .cohort(let id): "select c.id from cohorts c where c.id = \(id)"
        case .group(let id):
            """
            select c.id from cohorts c join cohort_groups l on l.cohort_id = c.id
             where l.group_id = \(id) and c.archived_at is null
            """
        }
    }
}

/// How the students of one cohort, one group or the whole scope are doing. A student counts once, in however many of its
/// cohorts.
public struct CaseloadSummary: Sendable, RowDecodable {
    /// Whose it is.
    public let caseload: Caseload
    /// The name of the cohort or group; empty for the whole scope.
    public let name: String
    /// The cohort's category, the group's department; empty where there is none.
    public let within: String
    /// Students.
    public let students: Int
    /// Students with something to do within `ProgressFilter.soon` days.
    public let dueSoon: Int
    /// Students with something overdue.
    public let overdue: Int
    /// Requests waiting for an answer.
    public let waiting: Int
    /// When the oldest of them was sent.
    public let oldest: Date?
    /// Milestones of students that count: all but the waived ones.
    public let total: Int
    /// Those completed.
    public let completed: Int
    /// Those that were due before today.
    public let past: Int
    /// Those of them that were completed by the day they were due.
    public let onTime: Int
    /// Those of them that are completed by now.
    public let pastDone: Int
    /// Those that were due some days ago, and those of them that were completed by then; see `OverviewFilter`.
    public let before: (past: Int, done: Int)

    /// Who has done so many per cent of what was due is on plan.
    public static let plan = 90

    /// How much of what was due is done, in per cent; nil where nothing was due.
    public var planPercent: Int? { past == 0 ? nil : pastDone * 100 / past }
    /// By how many points that is more than it was; nil where nothing was due by then.
    public var change: Int? {
        guard let planPercent, let planPercentBefore else { return nil }
        return planPercent - planPercentBefore
    }
    /// How much of what was due by then was done by then, in per cent; nil where nothing was due.
    public var planPercentBefore: Int? { before.past == 0 ? nil : before.done * 100 / before.past }
    /// The students with something overdue, in per cent; nil where there are none.
    public var overduePercent: Int? { students == 0 ? nil : overdue * 100 / students }
    /// How much of everything is done, in per cent; nil where there is nothing.
    public var completedPercent: Int? { total == 0 ? nil : completed * 100 / total }

    /// Reads the columns of `CaseloadRepository`.
    public init(row: Row) throws {
        let id: Int = try row.get("id")
        caseload =
            switch try row.get("kind") as String {
            case "cohort": .cohort(id)
            case "group": .group(id)
            default: .all
            }
        name = try row.get("name")
        within = try row.get("within")
        students = try row.get("students")
        dueSoon = try row.get("due_soon")
        overdue = try row.get("overdue")
        waiting = try row.get("waiting")
        oldest = try row.get("oldest")
        total = try row.get("total")
        completed = try row.get("completed")
        past = try row.get("past")
        onTime = try row.get("on_time")
        pastDone = try row.get("past_done")
        before = (past: try row.get("past_before"), done: try row.get("done_before"))
    }
}

extension CaseloadSummary: JSONEncodable {
    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            switch caseload {
            case .all: break
            case .cohort(let id), .group(let id):
                $0.field("id", id)
                $0.field("name", name)
                $0.field("within", within)
            }
            $0.field("students", students)
            $0.field("dueSoon", dueSoon)
            $0.field("overdue", overdue)
            $0.field("waiting", waiting)
            $0.field("oldest", oldest)
            $0.field("total", total)
            $0.field("completed", completed)
            $0.field("past", past)
            $0.field("pastDone", pastDone)
            $0.field("onTime", onTime)
            $0.field("pastBefore", before.past)
            $0.field("doneBefore", before.done)
        }
    }
}

/// Which cohorts an overview is about, and since when it tells changes.
public struct OverviewFilter: Sendable, Hashable {
    /// Only cohorts of this category.
    public var categoryID: Int?
    /// Changes are told since so many days ago.
    public var days = 7

    /// The periods that are told.
    public static let periods = [7, 30, 90]

    /// All cohorts, since last week.
    public init() {}

    /// Reads the parameters of the query string.
    public init(_ fields: inout Fields) {
        categoryID = fields.optional("categoryId", .id)
        days = fields.optional("days", .int(1...365)) ?? 7
    }

    /// The condition on `cohorts c`.
    var condition: SQL { categoryID.map { " and c.category_id = \($0)" } ?? "" }
}

/// One student of a caseload, with the milestones that were asked for.
public struct CaseloadStudent: Sendable {
    /// Who it is.
    public let student: ProgressEntry.Student
    /// What the list is sorted by.
    public let sortName: String
    /// By due date, those without one last.
    public internal(set) var milestones: [ProgressEntry]
}

/// Some students of a caseload, and how many there are in all.
public struct CaseloadStudents: Sendable {
    /// One page of them, by name.
    public let page: Page<CaseloadStudent>
    /// How many students there are.
    public let students: Int
    /// How many of their milestones were asked for.
    public let milestones: Int
}
