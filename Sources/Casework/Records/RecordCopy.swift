import Postgres
import Tenancy

/// A copy of all that an institution keeps about one student: for the student, or for an admin who is asked for it (GDPR,
/// Articles 15 and 20). It is what the caller's row security shows of it.
public struct RecordCopy: Sendable {
    /// One kind of it.
    public struct Table: Sendable {
        /// What its rows are: `cohorts`.
        public let name: String
        /// The names of its columns.
        public let columns: [String]
        /// The rows' values as text, in the order of the columns; nil for none.
        public let rows: [[String?]]
    }

    /// Account, cohorts, milestones, steps, extensions, steps of extensions, files, sessions.
    public let tables: [Table]
    /// What the student has sent.
    public let files: [SubmittedFile]

    /// More than this is not packed into one zip file.
    public static let largest = 4_000_000_000
    /// The same for its files.
    public static let mostFiles = 60_000

    /// Where a file lies in the zip file.
    public static func path(of file: SubmittedFile) -> String { "files/\(file.file.id)-\(file.file.name)" }
}

/// Copies of students' records.
public struct RecordCopyRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) { self.work = work }

    /// The record of a student, but for what is in the files. That somebody else than the student reads it is audited.
    /// - Throws: `CaseworkError.notFound` where the caller sees no such student, `.tooLarge` beyond `RecordCopy.largest`.
    public static func read(_ student: Int) -> Reading<RecordCopy> {
        Reading(
            table("account", account(student)), table("cohorts", cohorts(student)),
            table("milestones", milestones(student)), table("steps", steps(student)),
            table("extensions", extensions(student)), table("extension_steps", extensionSteps(student)),
            table("sessions", sessions(student)), SubmittedFile.all(where: "f.student_id = \(student)"),
            StudentReading.note(of: student)
        ) { account, cohorts, milestones, steps, extensions, extensionSteps, sessions, files, _ in
            guard account.rows.count == 1 else { throw CaseworkError.notFound }
            guard files.count <= RecordCopy.mostFiles,
                files.reduce(0, { $0 + $1.file.size }) <= RecordCopy.largest
            else { throw CaseworkError.tooLarge(Refusal(.recordTooLarge)) }
            let tables = [account, cohorts, milestones, steps, extensions, extensionSteps, listed(files), sessions]
            return RecordCopy(tables: tables, files: files)
        }
    }

    /// A piece of a file, counted from 0; nil behind the last.
    public func piece(_ number: Int, of file: SubmittedFile) async throws -> [UInt8]? {
        try await work(FileStore.submissions.piece(number, of: file.file.id))
    }

    private static func table(_ name: String, _ sql: SQL) -> Query<RecordCopy.Table> {
        Query(sql) { rows in
            let columns = rows.columns
            return RecordCopy.Table(
                name: name, columns: columns,
                rows: try rows.map { row in try columns.map { try row.get($0, as: String?.self) } })
        }
    }

    private static func listed(_ files: [SubmittedFile]) -> RecordCopy.Table {
        RecordCopy.Table(
            name: "files", columns: ["path", "milestone_id", "content_type", "size", "sha256"],
            rows: files.map { one in
                [
                    RecordCopy.path(of: one), "\(one.key.milestone)", one.file.contentType, "\(one.file.size)",
                    one.file.checksum.map(Digest.hex),
                ]
            })
    }

    // Every column is text, as PostgreSQL writes it. Times are in UTC: that is each connection's zone.

    private static func account(_ student: Int) -> SQL {
        """
        select s.id::text, s.email, s.given_name, s.family_name, s.preferred_name, s.student_number, s.status
          from students s where s.id = \(student)
        """
    }

    private static func cohorts(_ student: Int) -> SQL {
        """
        select c.id::text as cohort_id, c.name as cohort, c.goal, e.joined_at::text, e.active::text
          from enrollments e join cohorts c on c.id = e.cohort_id
         where e.student_id = \(student) order by e.joined_at, c.id
        """
    }

    private static func milestones(_ student: Int) -> SQL {
        """
        select a.milestone_id::text, a.cohort_id::text, a.title, a.due_on::text, a.status, a.comment, a.updated_at::text,
               a.retired::text
          from \(ProgressEntry.everything) a where a.student_id = \(student) order by a.due_on, a.milestone_id
        """
    }

    private static func steps(_ student: Int) -> SQL {
        """
        select v.id::text, v.milestone_id::text, v.at::text, \(name("v.actor_id")) as by, v.from_status, v.to_status, v.comment
          from progress_events v where v.student_id = \(student) order by v.id
        """
    }

    private static func extensions(_ student: Int) -> SQL {
        """
        select x.milestone_id::text, x.due_on::text, x.status, x.asked_for::text, x.comment, x.updated_at::text
          from extensions x where x.student_id = \(student) order by x.milestone_id
        """
    }

    private static func extensionSteps(_ student: Int) -> SQL {
        """
        select v.id::text, v.milestone_id::text, v.at::text, \(name("v.actor_id")) as by, v.status, v.due_on::text, v.comment
          from extension_events v where v.student_id = \(student) order by v.id
        """
    }

    private static func sessions(_ student: Int) -> SQL {
        """
        select s.created_at::text, s.seen_at::text, s.expires_at::text, s.address::text, s.program
          from sessions s where s.account_id = \(student) order by s.created_at
        """
    }

    /// Somebody's name, where the caller may know it.
    private static func name(_ id: SQL) -> SQL {
        """
        coalesce((select d.name from directory d where d.id = \(id)), (select n.name from students n where n.id = \(id)))
        """
    }
}
