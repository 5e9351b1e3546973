import Dates
import FoundationEssentials
import Postgres

/// How far one student is on one milestone.
public struct ProgressEntry: Sendable, Versioned {
    /// The student.
    public struct Student: Sendable, Hashable, JSONEncodable {
        /// The account.
        public let id: Int
        /// The whole name.
        public let name: String
        /// The address.
        public let email: String

        /// Writes the three.
        public func write(to json: inout JSONWriter) {
            json.object {
                $0.field("id", id)
                $0.field("name", name)
                $0.field("email", email)
            }
        }
    }

    /// Whose it is.
    public let student: Student
    /// What the list is sorted by before ids: the student's family name first.
    public let sortName: String
    /// The milestone.
    public let milestoneID: Int
    /// The milestone's cohort.
    public let cohortID: Int
    /// The milestone's title.
    public let title: String
    /// The day it is due for this student.
    public let dueOn: CalendarDate?
    /// Who completes it.
    public let completion: Completion
    /// Where it stands.
    public let status: ProgressStatus
    /// Whether the day has passed in the institution's time zone and it still waits for the student.
    public let isOverdue: Bool
    /// What was said with the last step.
    public let comment: String?
    /// When the last step was taken; nil where nothing has happened.
    public let updatedAt: Date?
    /// Counts the steps; 0 where nothing has happened.
    public let version: Version
}

extension ProgressEntry: RowDecodable {
    /// Reads the columns of `columns`.
    public init(row: Row) throws {
        student = Student(id: try row.get("student_id"), name: try row.get("name"), email: try row.get("email"))
        sortName = try row.get("sort_name")
        milestoneID = try row.get("milestone_id")
        cohortID = try row.get("cohort_id")
        title = try row.get("title")
        dueOn = try row.get("due_on")
        completion = try row.get("completion")
        status = try row.get("status")
        isOverdue = try row.get("overdue")
        comment = try row.get("comment")
        updatedAt = try row.get("updated_at")
        version = Version(try row.get("version"))
    }

    /// `assignments`, and what students did on milestones that are retired now, where nothing is overdue any more. Nobody has
    /// done anything on a milestone that never was saved.
    static let everything: SQL = """
        (select cohort_id, student_id, milestone_id, title, due_on, completion, status, overdue, comment, updated_at, version,
                false as retired
           from assignments
         union all
         select p.cohort_id, p.student_id, p.milestone_id, m.title, m.due_on, p.completion, p.status, false, p.comment,
                p.updated_at, p.version, true
           from progress p join milestones m on m.id = p.milestone_id and not m.saved
          where p.enrolled)
        """

    /// What is read, of `assignments a`, or of `everything`, joined with somebody `s`.
    static var columns: SQL {
        """
        a.student_id, s.name, s.email, s.sort_name, a.milestone_id, a.cohort_id, a.title, a.due_on, a.completion, a.status,
        a.overdue, a.comment, a.updated_at, a.version
        """
    }
}

extension ProgressEntry: JSONEncodable {
    /// Writes one element of the cohort's list.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("student", student)
            $0.field("milestoneId", milestoneID)
            $0.field("status", status)
            $0.field("overdue", isOverdue)
            $0.field("updatedAt", updatedAt)
            $0.field("comment", comment)
            $0.field("version", version.number)
        }
    }
}

/// Which progress of a cohort is asked for.
public struct ProgressFilter: Sendable, Hashable {
    /// Only what stands there.
    public var status: ProgressStatus?
    /// Only what is overdue, or only what is not.
    public var overdue: Bool?
    /// Only this milestone.
    public var milestoneID: Int?
    /// Only this student.
    public var studentID: Int?
    /// Only what still has to be done, and is due from today until so many days later.
    public var dueWithin: Int?

    /// How many days ahead pages call soon.
    public static let soon = 7

    /// Everything.
    public init() {}

    /// Reads the parameters of the query string.
    public init(_ fields: inout Fields) {
        status = fields.optional("status", .choice())
        overdue = fields.optional("overdue", .bool)
        milestoneID = fields.optional("milestoneId", .id)
        studentID = fields.optional("studentId", .id)
        dueWithin = fields.optional("dueWithin", .int(0...365))
    }

    /// Whether everything is asked for.
    public var isEmpty: Bool { self == ProgressFilter() }

    /// What `assignments a` must satisfy, each condition with ` and ` before it.
    var conditions: SQL {
        var sql: SQL = ""
        if let status { sql += " and a.status = \(status)" }
        if let overdue { sql += " and a.overdue = \(overdue)" }
        if let milestoneID { sql += " and a.milestone_id = \(milestoneID)" }
        if let studentID { sql += " and a.student_id = \(studentID)" }
        if let dueWithin {
            sql += " and a.status in ('open', 'returned')"
            sql += " and waymark.is_due_within(a.due_on, a.today, \(dueWithin)::int)"
        }
        return sql
    }
}

/// One step somebody took.
public struct ProgressEvent: Sendable, RowDecodable, JSONEncodable {
    /// Its identifier; later ones are greater.
    public let id: Int
    /// When.
    public let at: Date
    /// Who; nil where it was no account.
    public let actorID: Int?
    /// The name, where the caller may know it.
    public let actorName: String?
    /// From where.
    public let from: ProgressStatus
    /// To where.
    public let to: ProgressStatus
    /// What was said.
    public let comment: String?
    /// Whether it took back the step before it.
    public let isUndo: Bool

    /// Reads the columns of the history.
    public init(row: Row) throws {
        id = try row.get("id")
        at = try row.get("at")
        actorID = try row.get("actor_id")
        actorName = try row.get("actor_name")
        from = try row.get("from_status")
        to = try row.get("to_status")
        comment = try row.get("comment")
        isUndo = try row.get("undo")
    }

    /// Writes the step.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("at", at)
            $0.object("actor") {
                $0.field("id", actorID)
                $0.field("name", actorName)
            }
            $0.field("from", from)
            $0.field("to", to)
            $0.field("comment", comment)
            $0.field("undo", isUndo)
        }
    }
}
