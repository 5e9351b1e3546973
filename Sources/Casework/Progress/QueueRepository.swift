import Foundation
import Postgres
import Tenancy

/// A completion request that waits for an answer.
public struct QueueItem: Sendable, RowDecodable {
    /// The milestone it is about.
    public let milestoneID: Int
    /// The student who asks.
    public let studentID: Int
    /// The student's name.
    public let student: String
    /// The milestone's title.
    public let title: String
    /// The cohort's name.
    public let cohort: String
    /// When the milestone is due.
    public let dueOn: CalendarDate?
    /// What the student wrote.
    public let comment: String?
    /// When it was sent.
    public let sentAt: Date

    /// Reads the columns of the queue's statement.
    public init(row: Row) throws {
        milestoneID = try row.get("milestone_id")
        studentID = try row.get("student_id")
        student = try row.get("student")
        title = try row.get("title")
        cohort = try row.get("cohort")
        dueOn = try row.get("due_on")
        comment = try row.get("comment")
        sentAt = try row.get("updated_at")
    }
}

/// What waits for the caller.
public struct QueueRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as staff or above, for the audience `casework`.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// Requests the caller may answer, by due date, then age.
    public func waiting(limit: Int = 200) async throws -> (items: [QueueItem], total: Int, old: Int) {
        let (items, total, old) = try await work(
            SQL(
                """
                select p.milestone_id, p.student_id, s.name as student, m.title, c.name as cohort,
                       coalesce(m.due_on, s.joined_at::date + m.due_after_days) as due_on, p.comment, p.updated_at
                  from progress p
                  join milestones m on m.id = p.milestone_id
                  join cohorts c on c.id = p.cohort_id and c.archived_at is null
                  join my_students s on s.cohort_id = p.cohort_id and s.id = p.student_id
                 where p.status = 'submitted' and p.enrolled and waymark.may_act_in_cohort(p.cohort_id)
                 order by due_on nulls last, p.updated_at, p.milestone_id, p.student_id limit \(limit)
                """
            ).all(QueueItem.self), count(), count(" and p.updated_at < now() - interval '2 days'"))
        return (items, total, old)
    }

    private func count(_ condition: SQL = "") -> Query<Int> {
        let sql: SQL = """
            select count(*) from progress p join cohorts c on c.id = p.cohort_id and c.archived_at is null
             where p.status = 'submitted' and p.enrolled and waymark.may_act_in_cohort(p.cohort_id)
            """
        return (sql + condition).value(Int.self)
    }

    /// Students in scope whose name or address holds a text, by name.
    public func students(search: String?, _ page: PageRequest) async throws -> Page<FoundStudent> {
        var sql: SQL = "select id, name, sort_name, email, student_number from students where true"
        if let search {
            let pattern =
                "%"
                + search.lowercased().replacing("\\", with: "\\\\").replacing("%", with: "\\%")
                .replacing("_", with: "\\_") + "%"
            sql += " and lower(name || ' ' || email) like \(pattern)"
        }
        if let cursor = page.after {
            sql += " and (sort_name, id) > (\(try cursor.text(0)), \(try cursor.int(1))::int)"
        }
        sql += " order by sort_name, id limit \(page.fetch)"
        return Page(try await work(sql.all(FoundStudent.self)), page) { Cursor(.text($0.sortName), .int($0.id)) }
    }
}

/// A student in the caller's scope, as a list shows one.
public struct FoundStudent: Sendable, RowDecodable {
    /// Account id.
    public let id: Int
    /// As people write it.
    public let name: String
    /// What the list is sorted by.
    public let sortName: String
    /// E-mail address.
    public let email: String
    /// The institution's own number.
    public let studentNumber: String?

    /// Reads the columns of `students`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        sortName = try row.get("sort_name")
        email = try row.get("email")
        studentNumber = try row.get("student_number")
    }
}
