import Dates
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
    /// Counts the steps so far: which request this is, of those about this milestone.
    public let version: Version

    /// Which student on which milestone.
    public var key: ProgressKey { ProgressKey(milestone: milestoneID, student: studentID) }

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
        version = Version(try row.get("version"))
    }
}

extension QueueItem {
    /// Its place in the queue, which no answer to another moves.
    fileprivate var cursor: Cursor {
        let micros = Int(exactly: (sentAt.timeIntervalSince1970 * 1e6).rounded()) ?? 0
        return Cursor(dueOn.map { .int($0.daysSince1970) } ?? .null, .int(micros), .int(milestoneID), .int(studentID))
    }

    /// The condition of what stands behind that place.
    /// - Throws: `CaseworkError.invalid` for a cursor that is none of the queue's.
    fileprivate static func following(_ cursor: Cursor) throws -> SQL {
        let micros = try cursor.int(1)
        // years 1970 to 9999
        guard (0..<253_402_300_800_000_000).contains(micros) else { throw Cursor.refusal }
        let sent = Date(timeIntervalSince1970: Double(micros) / 1e6)
        let rest: SQL = "\(sent)::timestamptz, \(try cursor.int(2))::bigint, \(try cursor.int(3))::bigint"
        if cursor.keys.first == .null {
            return "w.due_on is null and (w.updated_at, w.milestone_id, w.student_id) > (\(rest))"
        }
        guard let due = CalendarDate(daysSince1970: try cursor.int(0)) else { throw Cursor.refusal }
        return """
            ((w.due_on, w.updated_at, w.milestone_id, w.student_id) > (\(due)::date, \(rest)) or w.due_on is null)
            """
    }
}

/// What waits for the caller.
public enum QueueRepository {
    /// Requests the caller may answer, by due date, then age; how many there are, and how many have waited for two days.
    public static func waiting(_ page: PageRequest) throws -> Reading<(page: Page<QueueItem>, total: Int, old: Int)> {
        let rest = try page.after.map(QueueItem.following) ?? "true"
        return Reading(
            ("""
            select w.milestone_id, w.student_id, (select s.name from students s where s.id = w.student_id) as student,
                   w.title, w.cohort, w.due_on, w.comment, w.updated_at, w.version
              from waiting w where \(rest)
             order by w.due_on nulls last, w.updated_at, w.milestone_id, w.student_id limit \(page.fetch)
            """ as SQL).all(QueueItem.self),
            ("""
            select count(*)::int as total, count(*) filter (where updated_at < now() - interval '2 days')::int as old
              from waiting
            """ as SQL).one(Count.self)
        ) { rows, count in (Page(rows, page, cursor: \.cursor), count.total, count.old) }
    }

    private struct Count: RowDecodable {
        let total, old: Int

        init(row: Row) throws {
            total = try row.get("total")
            old = try row.get("old")
        }
    }

    /// Students in scope whose name or address holds a text, by name.
    /// - Parameter asAdmin: everybody is in an admin's scope, and has an index.
    public static func students(search: String?, _ page: PageRequest, asAdmin: Bool) throws -> Reading<
        Page<FoundStudent>
    > {
        if asAdmin {
            var filter = AccountFilter()
            filter.role = .student
            filter.text = search
            return try AccountRepository.list(filter, page).map { $0.map(FoundStudent.init) }
        }
        return try Reading(
            ("""
            select id, name, sort_name, email, student_number from caseload
             where \(SQL.search(search, in: "search_text")) and \(page.following("sort_name", "id"))
             order by sort_name, id limit \(page.fetch)
            """ as SQL).all(SortedRow<FoundStudent>.self)
        ) { page.page($0, id: \.id) }
    }
}

/// A student in the caller's scope, as a list shows one.
public struct FoundStudent: Sendable, RowDecodable {
    /// Account id.
    public let id: Int
    /// As people write it.
    public let name: String
    /// E-mail address.
    public let email: String
    /// The institution's own number.
    public let studentNumber: String?

    /// Reads the columns of `caseload`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        email = try row.get("email")
        studentNumber = try row.get("student_number")
    }

    init(_ account: Account) {
        id = account.id
        name = account.name
        email = account.email
        studentNumber = account.studentNumber
    }
}
