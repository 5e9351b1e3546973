import FoundationEssentials
import Postgres

/// How one student of the caller's scope stands, counted as `assignments` does for the student's page.
public struct StudentStanding: Sendable, Hashable {
    /// A cohort of the student's in the caller's scope.
    public struct Cohort: Sendable, Hashable, JSONEncodable {
        /// The cohort.
        public let id: Int
        /// Its name.
        public let name: String

        /// Writes the two.
        public func write(to json: inout JSONWriter) {
            json.object {
                $0.field("id", id)
                $0.field("name", name)
            }
        }
    }

    /// The account.
    public let id: Int
    /// What the student is called.
    public let name: String
    /// The address.
    public let email: String
    /// The institution's own number.
    public let studentNumber: String?
    /// All in scope, by name.
    public let cohorts: [Cohort]
    /// Milestones that count: all but the waived ones.
    public let total: Int
    /// Those completed.
    public let completed: Int
    /// Those overdue.
    public let overdue: Int
    /// Those sent and not answered.
    public let waiting: Int
    /// Those of them that the caller may answer.
    public let answerable: Int
    /// When the student signed in last; nil for who never has.
    public let signedInAt: Date?
    /// When somebody else last took a step on one of the student's milestones, with or without a comment; nil where nobody
    /// has yet.
    public let contactedAt: Date?
}

extension StudentStanding: RowDecodable, JSONEncodable {
    /// Reads the columns of `StudentRepository.list`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        email = try row.get("email")
        studentNumber = try row.get("student_number")
        let ids: [Int]? = try row.get("cohort_ids")
        let names: [String]? = try row.get("cohort_names")
        cohorts = zip(ids ?? [], names ?? []).map { Cohort(id: $0, name: $1) }
        total = try row.get("total")
        completed = try row.get("completed")
        overdue = try row.get("overdue")
        waiting = try row.get("waiting")
        answerable = try row.get("answerable")
        signedInAt = try row.get("signed_in_at")
        contactedAt = try row.get("contacted_at")
    }

    /// Writes one element of `GET /students`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("email", email)
            $0.field("studentNumber", studentNumber)
            $0.field("cohorts", cohorts)
            $0.field("completed", completed)
            $0.field("total", total)
            $0.field("overdue", overdue)
            $0.field("waiting", waiting)
            $0.field("signedInAt", signedInAt)
            $0.field("contactedAt", contactedAt)
        }
    }
}

/// Some students, and how many are asked for in all.
public struct StudentList: Sendable {
    /// One page of them.
    public let page: Page<StudentStanding>
    /// How many there are.
    public let students: Int
}

/// What a list of students can be narrowed to.
public struct StudentChoices: Sendable {
    /// The cohorts in scope, by name.
    public let cohorts: [StudentStanding.Cohort]
    /// The caller's groups that are attached to a cohort, by name.
    public let groups: [QueueContents.Group]
}
