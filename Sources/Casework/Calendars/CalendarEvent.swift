import Dates
import Postgres
import Tenancy

/// A milestone on a day of somebody's calendar.
public struct CalendarEvent: Sendable, Hashable {
    /// What it says beside title and day.
    public enum Detail: Sendable, Hashable {
        /// The owner's own: what to do, and how far that is.
        case own(ProgressStatus, description: String?)
        /// Of so many students in scope so many have yet to do something.
        case students(toDo: Int, of: Int)
    }

    /// The milestone.
    public let milestoneID: Int
    /// The cohort it belongs to.
    public let cohortID: Int
    /// The cohort's name.
    public let cohort: String
    /// The milestone's title.
    public let title: String
    /// The day it is due.
    public let dueOn: CalendarDate
    /// Whether that is the milestone's own day, and not one that counts from joining, or was given to one student.
    public let isFixed: Bool
    /// Counts the changes.
    public let sequence: Int
    /// What else it says.
    public let detail: Detail

    /// An event of these values.
    public init(
        milestoneID: Int, cohortID: Int, cohort: String, title: String, dueOn: CalendarDate, isFixed: Bool = true,
        sequence: Int, detail: Detail
    ) {
        (self.milestoneID, self.cohortID, self.cohort, self.title) = (milestoneID, cohortID, cohort, title)
        (self.dueOn, self.isFixed, self.sequence, self.detail) = (dueOn, isFixed, sequence, detail)
    }
}

/// What a calendar feed shows: to a student the own milestones that have a day, to staff those of the students in scope, each
/// milestone once a day with how many have yet to do it. Names of students are not in it: calendars are shared.
public struct CalendarRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: of a feed's holder, for the audience `calendar`.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// Whose calendar it is.
    public struct Calendar: Sendable {
        /// The institution's name.
        public let institution: String
        /// BCP 47.
        public let language: String
        /// By day, then by milestone.
        public let events: [CalendarEvent]
    }

    /// All that the feed shows today.
    /// - Throws: `EntryRefusal` where nobody may see anything by it.
    public func read() async throws -> Calendar {
        let (owner, institution) = try await work(
            ("select waymark.is_student() as student, language from calendar_feeds" as SQL).one(Owner.self),
            ("select name from settings" as SQL).value(String.self))
        let events =
            try await owner.isStudent
            ? work(Self.own.all(Own.self)).map(\.event) : work(Self.caseload.all(Caseload.self)).map(\.event)
        return Calendar(institution: institution, language: owner.language, events: events)
    }

    /// Of a milestone that several of the student's cohorts share the one that is due first.
    private static let own: SQL = """
        select milestone_id, cohort_id, cohort, title, due_on, fixed, status, description, sequence from (
        select distinct on (coalesce(a.shared_id, -a.milestone_id)) a.milestone_id, a.cohort_id, c.name as cohort, a.title, a.due_on,
               a.due_on is not distinct from m.due_on as fixed, a.status, a.description,
               m.version + a.version + coalesce(a.extension_version, 0) as sequence
          from assignments a
          join milestones m on m.id = a.milestone_id
          join cohorts c on c.id = a.cohort_id
         where a.due_on is not null and a.status <> 'waived'
         order by coalesce(a.shared_id, -a.milestone_id), a.due_on, a.milestone_id) a
         order by due_on, milestone_id
        """

    private static let caseload: SQL = """
        select a.milestone_id, a.cohort_id, c.name as cohort, a.title, a.due_on,
               a.due_on is not distinct from m.due_on as fixed, m.version as sequence,
               count(*) filter (where a.status in ('open', 'returned'))::int as to_do, count(*)::int as students
          from assignments a
          join my_students s on s.cohort_id = a.cohort_id and s.id = a.student_id
          join milestones m on m.id = a.milestone_id
          join cohorts c on c.id = a.cohort_id and c.archived_at is null
         where a.due_on is not null and a.status <> 'waived'
         group by a.milestone_id, a.cohort_id, c.name, a.title, a.due_on, m.due_on, m.version
         order by a.due_on, a.milestone_id
        """

    private struct Owner: RowDecodable {
        let isStudent: Bool
        let language: String

        init(row: Row) throws {
            isStudent = try row.get("student")
            language = try row.get("language")
        }
    }

    private struct Own: RowDecodable {
        let event: CalendarEvent

        init(row: Row) throws {
            event = try CalendarEvent(
                row: row, detail: .own(try row.get("status"), description: try row.get("description")))
        }
    }

    private struct Caseload: RowDecodable {
        let event: CalendarEvent

        init(row: Row) throws {
            event = try CalendarEvent(
                row: row, detail: .students(toDo: try row.get("to_do"), of: try row.get("students")))
        }
    }
}

extension CalendarEvent {
    fileprivate init(row: Row, detail: Detail) throws {
        self.init(
            milestoneID: try row.get("milestone_id"), cohortID: try row.get("cohort_id"), cohort: try row.get("cohort"),
            title: try row.get("title"), dueOn: try row.get("due_on"), isFixed: try row.get("fixed"),
            sequence: try row.get("sequence"), detail: detail)
    }
}
