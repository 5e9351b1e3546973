import Dates
import FoundationEssentials
import Postgres

/// Who says that a milestone is done.
public enum Completion: String, Sendable, CaseIterable, JSONEncodable, PostgresEncodable, PostgresDecodable {
    /// Staff, mostly in answer to a student's request.
    case staff
    /// The student too, without asking.
    case student
}

/// Something the students of a cohort are to do.
public struct Milestone: Sendable, Hashable, Versioned {
    /// The days before the due date at which reminders can be sent.
    public static let reminderDays = [1, 2, 7, 14, 30]

    /// Its identifier.
    public let id: Int
    /// The cohort it belongs to.
    public let cohortID: Int
    /// One line, `New Milestone` until somebody gives it a title.
    public let title: String
    /// The day it is due; nil where it has none or counts from joining.
    public let dueOn: CalendarDate?
    /// Days after joining the cohort at which it is due; never together with `dueOn`.
    public let dueAfterDays: Int?
    /// What to do, in several lines.
    public let description: String?
    /// Days before the due date, ascending, each out of `reminderDays`.
    public let reminders: [Int]
    /// Who completes it.
    public let completion: Completion
    /// Whether it was saved; before that no student sees it.
    public let saved: Bool
    /// Whether it is retired: no student sees it, nobody is to do it, and it cannot be changed.
    public let isArchived: Bool
    /// The same for the milestones of several cohorts that are one; nil where it stands in one.
    public let sharedID: Int?
    /// Counts the changes.
    public let version: Version
}

extension Milestone: RowDecodable {
    /// Reads the columns of `MilestoneRepository`.
    public init(row: Row) throws {
        id = try row.get("id")
        cohortID = try row.get("cohort_id")
        title = try row.get("title")
        dueOn = try row.get("due_on")
        dueAfterDays = try row.get("due_after_days")
        description = try row.get("description")
        reminders = try row.get("reminders")
        completion = try row.get("completion")
        isArchived = (try row.get("archived_at") as Date?) != nil
        saved = isArchived ? true : try row.get("saved")
        sharedID = try row.get("shared_id")
        version = Version(try row.get("version"))
    }
}

extension Milestone: JSONEncodable {
    /// Writes the resource of the API.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("cohortId", cohortID)
            $0.field("title", title)
            $0.field("dueOn", dueOn)
            $0.field("dueAfterDays", dueAfterDays)
            $0.field("description", description)
            $0.field("reminders", reminders)
            $0.field("completion", completion)
            $0.field("saved", saved)
            $0.field("archived", isArchived)
            $0.field("sharedId", sharedID)
        }
    }
}
