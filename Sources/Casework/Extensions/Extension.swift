import Dates
import FoundationEssentials
import Postgres

/// What the last step on a student's extension was.
public enum ExtensionStatus: String, Sendable, CaseIterable, JSONEncodable, PostgresEncodable, PostgresDecodable {
    /// The student asks for a later date.
    case asked
    /// The student has taken that back.
    case withdrawn
    /// Staff granted a date.
    case granted
    /// Staff declined what was asked for.
    case declined
    /// Staff took back what was granted.
    case revoked
}

/// A step on a student's extension.
public enum ExtensionAction: String, Sendable, CaseIterable {
    /// The student asks for a day, and says why; once more for another.
    case request
    /// The student takes that back.
    case withdraw
    /// Staff grants a day, the one that was asked for or another, also unasked.
    case grant
    /// Staff declines what was asked for, and says why.
    case decline
    /// Staff takes back what was granted, and says why.
    case revoke

    /// What the step leads to.
    public var target: ExtensionStatus {
        switch self {
        case .request: .asked
        case .withdraw: .withdrawn
        case .grant: .granted
        case .decline: .declined
        case .revoke: .revoked
        }
    }

    /// Whether it is the student's step; the others are staff's.
    public var isForStudents: Bool { self == .request || self == .withdraw }

    /// Whether it names a day.
    public var needsDay: Bool { self == .request || self == .grant }

    /// Whether it needs a word to the other side.
    public var needsComment: Bool { self == .request || self == .decline || self == .revoke }

    /// Whether it only makes sense while the student has something to do.
    var isOfWorkToDo: Bool { self == .request || self == .grant }
}

/// A later date for one student on one milestone: what is asked for, and what holds.
public struct Extension: Sendable, Hashable {
    /// What the last step was.
    public let status: ExtensionStatus
    /// The day that was granted and holds; nil where none does.
    public let grantedOn: CalendarDate?
    /// The day the student asks for; nil unless that waits for an answer.
    public let askedFor: CalendarDate?
    /// What was said with the last step.
    public let comment: String?
    /// Counts the steps.
    public let version: Version

}

extension Extension: JSONEncodable {
    /// Reads the columns that `assignments` and `my_progress` have of it.
    /// - Returns: nil where there is none.
    init?(in row: Row) throws {
        guard let status: ExtensionStatus = try row.get("extension") else { return nil }
        self.status = status
        grantedOn = try row.get("granted_on")
        askedFor = try row.get("asked_for")
        comment = try row.get("extension_comment")
        version = Version(try row.get("extension_version"))
    }

    /// Writes `{"status","grantedOn","askedFor","comment","version"}`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("status", status)
            $0.field("grantedOn", grantedOn)
            $0.field("askedFor", askedFor)
            $0.field("comment", comment)
            $0.field("version", version.number)
        }
    }
}

/// One student's extension on one milestone, with the days it is about.
public struct ExtensionEntry: Sendable, Versioned {
    /// Whose it is.
    public let student: ProgressEntry.Student
    /// The milestone.
    public let milestoneID: Int
    /// The milestone's title.
    public let title: String
    /// The day it is due for who has no extension.
    public let regularDueOn: CalendarDate?
    /// The day it is due for this student.
    public let dueOn: CalendarDate?
    /// What was asked and granted; nil where nothing ever was.
    public let given: Extension?
    /// Counts the steps; 0 where none was taken.
    public var version: Version { given?.version ?? Version(0) }
}

extension ExtensionEntry: RowDecodable, JSONEncodable {
    /// Reads the columns of `ExtensionRepository`.
    public init(row: Row) throws {
        student = .init(id: try row.get("student_id"), name: try row.get("name"), email: try row.get("email"))
        milestoneID = try row.get("milestone_id")
        title = try row.get("title")
        regularDueOn = try row.get("regular_due_on")
        dueOn = try row.get("due_on")
        given = try Extension(in: row)
    }

    /// Writes the resource of the API.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("student", student)
            $0.field("milestoneId", milestoneID)
            $0.field("title", title)
            $0.field("regularDueOn", regularDueOn)
            $0.field("dueOn", dueOn)
            $0.field("extension", given)
            $0.field("version", version.number)
        }
    }
}

/// One step that somebody took on an extension.
public struct ExtensionEvent: Sendable, RowDecodable, JSONEncodable {
    /// Its identifier; later ones are greater.
    public let id: Int
    /// When.
    public let at: Date
    /// The milestone.
    public let milestoneID: Int
    /// The milestone's title.
    public let title: String
    /// Who; nil where it was no account.
    public let actorID: Int?
    /// The name, where the caller may know it.
    public let actorName: String?
    /// What was done.
    public let status: ExtensionStatus
    /// The day that was asked for or granted.
    public let dueOn: CalendarDate?
    /// What was said.
    public let comment: String?

    /// Reads the columns of the history.
    public init(row: Row) throws {
        id = try row.get("id")
        at = try row.get("at")
        milestoneID = try row.get("milestone_id")
        title = try row.get("title")
        actorID = try row.get("actor_id")
        actorName = try row.get("actor_name")
        status = try row.get("status")
        dueOn = try row.get("due_on")
        comment = try row.get("comment")
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
            $0.field("status", status)
            $0.field("dueOn", dueOn)
            $0.field("comment", comment)
        }
    }
}

/// A request for a later date that waits for an answer.
public struct ExtensionRequest: Sendable, RowDecodable, JSONEncodable, Versioned {
    /// The milestone.
    public let milestoneID: Int
    /// Its title.
    public let title: String
    /// The cohort's name.
    public let cohort: String
    /// Who asks.
    public let studentID: Int
    /// The student's name.
    public let student: String
    /// The day it is due for who has no extension.
    public let regularDueOn: CalendarDate?
    /// The day that was granted before; nil where none was.
    public let grantedOn: CalendarDate?
    /// The day that is asked for.
    public let askedFor: CalendarDate
    /// Why.
    public let reason: String?
    /// When.
    public let askedAt: Date
    /// Which request it is.
    public let version: Version

    /// How the extension stands.
    public var given: Extension {
        Extension(status: .asked, grantedOn: grantedOn, askedFor: askedFor, comment: reason, version: version)
    }

    /// Which student on which milestone.
    public var key: ProgressKey { ProgressKey(milestone: milestoneID, student: studentID) }

    /// Reads the columns of `ExtensionRepository.waiting`.
    public init(row: Row) throws {
        milestoneID = try row.get("milestone_id")
        title = try row.get("title")
        cohort = try row.get("cohort")
        studentID = try row.get("student_id")
        student = try row.get("student")
        regularDueOn = try row.get("regular_due_on")
        grantedOn = try row.get("granted_on")
        askedFor = try row.get("asked_for")
        reason = try row.get("comment")
        askedAt = try row.get("updated_at")
        version = Version(try row.get("version"))
    }

    /// Writes one element of `GET /extensions`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("milestoneId", milestoneID)
            $0.field("title", title)
            $0.field("cohort", cohort)
            $0.object("student") {
                $0.field("id", studentID)
                $0.field("name", student)
            }
            $0.field("regularDueOn", regularDueOn)
            $0.field("grantedOn", grantedOn)
            $0.field("askedFor", askedFor)
            $0.field("reason", reason)
            $0.field("askedAt", askedAt)
            $0.field("version", version.number)
        }
    }
}
