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

    /// What the student has sent with it, by name.
    public private(set) var files: [SubmittedFile] = []

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
    /// The same requests, each with its own of the files.
    fileprivate static func joined(_ items: [QueueItem], _ files: [SubmittedFile]) -> [QueueItem] {
        let files = Dictionary(grouping: files, by: \.key)
        return items.map { item in
            var item = item
            item.files = files[item.key] ?? []
            return item
        }
    }

    /// Its place in the queue, which no answer to another moves.
    fileprivate var cursor: Cursor {
        let micros = Int(exactly: (sentAt.timeIntervalSince1970 * 1e6).rounded()) ?? 0
        return Cursor(dueOn.map { .int($0.daysSince1970) } ?? .null, .int(milestoneID), .int(micros), .int(studentID))
    }

    /// The condition of what stands behind that place.
    /// - Throws: `CaseworkError.invalid` for a cursor that is none of the queue's.
    fileprivate static func following(_ cursor: Cursor) throws -> SQL {
        let micros = try cursor.int(2)
        // years 1970 to 9999
        guard (0..<253_402_300_800_000_000).contains(micros) else { throw Cursor.refusal }
        let sent = Date(timeIntervalSince1970: Double(micros) / 1e6)
        let rest: SQL = "\(try cursor.int(1))::bigint, \(sent)::timestamptz, \(try cursor.int(3))::bigint"
        if cursor.keys.first == .null {
            return "w.due_on is null and (w.milestone_id, w.updated_at, w.student_id) > (\(rest))"
        }
        guard let due = CalendarDate(daysSince1970: try cursor.int(0)) else { throw Cursor.refusal }
        return """
            ((w.due_on, w.milestone_id, w.updated_at, w.student_id) > (\(due)::date, \(rest)) or w.due_on is null)
            """
    }
}

/// What waits for the caller.
public enum QueueRepository {
    /// Requests the caller may answer: the most urgent milestone first, its requests by age; and what all that waits is about.
    public static func waiting(
        _ filter: QueueFilter, _ page: PageRequest
    ) throws -> Reading<(page: Page<QueueItem>, contents: QueueContents)> {
        let rest = try page.after.map(QueueItem.following) ?? "true"
        let asked: SQL = """
            from waiting w where \(filter.condition) and \(rest)
             order by w.due_on nulls last, w.milestone_id, w.updated_at, w.student_id limit \(page.fetch)
            """
        return Reading(
            ("""
            select w.milestone_id, w.student_id, (select s.name from students s where s.id = w.student_id) as student,
                   w.title, w.cohort, w.due_on, w.comment, w.updated_at, w.version
              \(asked)
            """ as SQL).all(QueueItem.self),
            SubmittedFile.all(
                where: "(f.milestone_id, f.student_id) in (select w.milestone_id, w.student_id \(asked))"),
            ("""
            select w.milestone_id, w.title, w.cohort_id, w.cohort, count(*)::int as waiting,
                   count(*) filter (where w.updated_at < now() - \(QueueFilter.old)::int * interval '1 day')::int as old,
                   count(*) filter (where \(filter.condition))::int as asked
              from waiting w group by w.milestone_id, w.title, w.cohort_id, w.cohort
             order by waiting desc, w.milestone_id
            """ as SQL).all(QueueMilestone.self),
            groups
        ) { rows, files, milestones, groups in
            (
                Page(QueueItem.joined(rows, files), page, cursor: \.cursor),
                QueueContents(milestones: milestones, groups: groups)
            )
        }
    }

    /// The caller's groups that are attached to a cohort, by name.
    static var groups: Query<[QueueContents.Group]> {
        ("""
        select g.id, g.name from groups g
         where \(CaseloadRepository.isMine)
           and exists (select from cohort_groups l join cohorts c on c.id = l.cohort_id and c.archived_at is null
                        where l.group_id = g.id)
         order by lower(g.name), g.id
        """ as SQL).all(QueueContents.Group.self)
    }

    /// What waits of some students and the caller may answer, student after student by name: at most 200.
    public static func waiting(of students: [Int]) -> Reading<[QueueItem]> {
        Reading(
            ("""
            select w.milestone_id, w.student_id, s.name as student, w.title, w.cohort, w.due_on, w.comment, w.updated_at,
                   w.version
              from waiting w join students s on s.id = w.student_id
             where w.student_id = any (\(students)::int[])
             order by s.sort_name, s.id, w.due_on nulls last, w.milestone_id limit 200
            """ as SQL).all(QueueItem.self),
            SubmittedFile.all(where: "f.student_id = any (\(students)::int[])"), output: QueueItem.joined)
    }

    /// Where `count` ends.
    public static let mostCounted = 100

    /// How many requests wait for the caller, at most `mostCounted`.
    public static var count: Reading<Int> {
        Reading(("select count(*)::int from (select from waiting limit \(mostCounted)) w" as SQL).value(Int.self))
    }

    /// Students in scope whose name, address or number holds a text, by name.
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
             where \(SQL.search(search, inFolded: "search_text")) and \(page.following("sort_name", "id"))
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
