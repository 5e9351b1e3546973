import Postgres

/// For how many days an institution keeps what; nil: for good. Then the background work removes it, in the night that
/// follows the last of these days in the institution's zone.
public struct Retention: Sendable, RowDecodable, JSONEncodable, Versioned {
    /// Students' accounts after they were archived: then the students are erased.
    public let archivedStudentsDays: Int?
    /// Entries of the audit.
    public let auditDays: Int?
    /// Mails after they were sent or given up; what they said is never kept.
    public let mailsDays: Int?
    /// What students have sent in cohorts, after these were archived.
    public let filesDays: Int?
    /// What goes next.
    public let removable: Removable
    /// The version of the settings.
    public let version: Version

    /// How much is kept no longer, and goes with the next sweep.
    public struct Removable: Sendable, Equatable, RowDecodable, JSONEncodable {
        /// Students who are erased.
        public let archivedStudents: Int
        /// Entries of the audit.
        public let audit: Int
        /// Mails.
        public let mails: Int
        /// Files of students.
        public let files: Int

        /// All of it.
        public var total: Int {
            [archivedStudents, audit, mails, files].reduce(0) { $0.addingReportingOverflow($1).partialValue }
        }

        /// Reads the columns `students`, `audit`, `mails` and `files`.
        public init(row: Row) throws {
            archivedStudents = try row.get("students")
            audit = try row.get("audit")
            mails = try row.get("mails")
            files = try row.get("files")
        }

        /// Writes the numbers.
        public func write(to json: inout JSONWriter) {
            json.object {
                $0.field("archivedStudents", archivedStudents)
                $0.field("audit", audit)
                $0.field("mails", mails)
                $0.field("files", files)
            }
        }
    }

    /// Most days that may be asked for: a hundred years.
    static let most = 36_500
    /// How many days each is kept at least. The constraints of `settings` and this are the same.
    public static let (archivedStudents, audit, mails, files) = (30...most, 365...most, 30...most, 30...most)

    /// Reads the columns of `RetentionRepository`.
    public init(row: Row) throws {
        archivedStudentsDays = try row.get("keep_students_days")
        auditDays = try row.get("keep_audit_days")
        mailsDays = try row.get("keep_mails_days")
        filesDays = try row.get("keep_files_days")
        removable = try Removable(row: row)
        version = Version(try row.get("version"))
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("archivedStudentsDays", archivedStudentsDays)
            $0.field("auditDays", auditDays)
            $0.field("mailsDays", mailsDays)
            $0.field("filesDays", filesDays)
            $0.field("removable", removable)
        }
    }
}

/// What changes about it.
public struct RetentionPatch: Sendable {
    let archivedStudents, audit, mails, files: Patch<Int>

    /// Reads `archivedStudentsDays`, `auditDays`, `mailsDays` and `filesDays`.
    public init(_ fields: inout Fields) {
        archivedStudents = fields.patchOptional("archivedStudentsDays", .int(Retention.archivedStudents))
        audit = fields.patchOptional("auditDays", .int(Retention.audit))
        mails = fields.patchOptional("mailsDays", .int(Retention.mails))
        files = fields.patchOptional("filesDays", .int(Retention.files))
    }
}
