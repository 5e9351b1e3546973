import Dates
import Postgres

/// What a student sees first: what is due, and who can help.
public struct Dashboard: Sendable {
    /// A cohort the student is in.
    public struct Cohort: Sendable {
        /// Its identifier.
        public let id: Int
        /// Its name.
        public let name: String
        /// The name of its category.
        public let category: String
    }

    /// A saved milestone of one of those cohorts, and how far the student is.
    public struct Item: Sendable {
        /// The milestone.
        public let id: Int
        /// Its cohort.
        public let cohortID: Int
        /// One line.
        public let title: String
        /// The day it is due, also where that counts from joining or is extended for this student.
        public let dueOn: CalendarDate?
        /// The day it is due for who has no extension.
        public let regularDueOn: CalendarDate?
        /// What to do.
        public let description: String?
        /// Where it stands.
        public let status: ProgressStatus
        /// Whether the day has passed in the institution's time zone and it still waits for the student.
        public let isOverdue: Bool
        /// Who completes it.
        public let completion: Completion
        /// What was said with the last step.
        public let comment: String?
        /// Counts the steps; 0 where nothing has happened.
        public let version: Version
        /// The later date that was asked for or granted; nil where neither was.
        public let extended: Extension?
        /// The same for the milestones of several cohorts that are one; nil where it stands in one.
        let sharedID: Int?
    }

    /// A file for the student to use.
    public struct File: Sendable {
        /// The file, at `/files/{id}`.
        public let id: Int
        /// The milestone it belongs to.
        public let milestoneID: Int
        /// Its name.
        public let name: String
        /// Its media type.
        public let contentType: String
        /// Its size in bytes.
        public let size: Int
    }

    /// The student's cohorts by name.
    public let cohorts: [Cohort]
    /// By due date, those without one last, then id.
    public let milestones: [Item]
    /// By milestone, then name.
    public let files: [File]
    /// The groups that support those cohorts, by name.
    public let supportNetwork: SupportNetwork

    /// How many milestones are completed, of those that are not waived.
    public var progress: (completed: Int, total: Int) {
        var completed = 0
        var total = 0
        for item in milestones where item.status != .waived {
            total += 1
            if item.status == .completed { completed += 1 }
        }
        return (completed, total)
    }

    /// The rows without those that stand for the same milestone as an earlier one: of a milestone that several of the student's
    /// cohorts share the one that is due first.
    static func once(_ items: [Item]) -> [Item] {
        var shared: Set<Int> = []
        return items.filter { item in item.sharedID.map { shared.insert($0).inserted } ?? true }
    }

    /// The files of one milestone.
    public func files(of milestone: Int) -> [File] { files.filter { $0.milestoneID == milestone } }
}

extension Dashboard.Cohort: RowDecodable, JSONEncodable {
    /// Reads the columns of `my_cohorts`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        category = try row.get("category")
    }

    /// Writes the cohort.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("category", category)
        }
    }
}

extension Dashboard.Item: RowDecodable {
    /// Reads the columns of `assignments`.
    public init(row: Row) throws {
        id = try row.get("milestone_id")
        cohortID = try row.get("cohort_id")
        title = try row.get("title")
        dueOn = try row.get("due_on")
        regularDueOn = try row.get("regular_due_on")
        description = try row.get("description")
        status = try row.get("status")
        isOverdue = try row.get("overdue")
        completion = try row.get("completion")
        comment = try row.get("comment")
        version = Version(try row.get("version"))
        extended = try Extension(in: row)
        sharedID = try row.get("shared_id")
    }
}

extension Dashboard.File: RowDecodable, JSONEncodable {
    /// Reads the columns of `milestone_files`.
    public init(row: Row) throws {
        id = try row.get("id")
        milestoneID = try row.get("milestone_id")
        name = try row.get("name")
        contentType = try row.get("content_type")
        size = try row.get("size")
    }

    /// Writes the file as the API lists it.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("contentType", contentType)
            $0.field("size", size)
        }
    }
}

extension Dashboard: JSONEncodable {
    /// Writes the answer of `GET /dashboard`.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("cohorts", cohorts)
            json.array("milestones", milestones) { json, item in
                json.object {
                    $0.field("id", item.id)
                    $0.field("cohortId", item.cohortID)
                    $0.field("title", item.title)
                    $0.field("dueOn", item.dueOn)
                    $0.field("description", item.description)
                    $0.field("status", item.status)
                    $0.field("overdue", item.isOverdue)
                    $0.field("completion", item.completion)
                    $0.field("comment", item.comment)
                    $0.field("version", item.version.number)
                    $0.array("files") { for file in files where file.milestoneID == item.id { file.write(to: &$0) } }
                    $0.field("regularDueOn", item.regularDueOn)
                    $0.field("extension", item.extended)
                }
            }
            json.field("supportNetwork", supportNetwork)
            let progress = progress
            json.object("progress") {
                $0.field("completed", progress.completed)
                $0.field("total", progress.total)
            }
        }
    }
}
