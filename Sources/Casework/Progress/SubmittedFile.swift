import Postgres
import Tenancy

/// A file that a student has sent with a milestone. It stays, also where the work is returned or taken back, until the student
/// sends it again without the file.
public struct SubmittedFile: Sendable {
    /// The file, at `/milestones/{milestone}/progress/{student}/files/{id}`.
    public let file: StoredFile
    /// Which student on which milestone.
    public let key: ProgressKey
    /// The step it was sent with, of the history.
    public let stepID: Int
}

extension SubmittedFile: RowDecodable, JSONEncodable {
    /// Reads `columns`.
    public init(row: Row) throws {
        file = try StoredFile(row: row)
        key = try ProgressKey(row: row)
        stepID = try row.get("event_id")
    }

    static let columns: SQL = """
        f.id, f.name, f.content_type, f.size, f.checksum, 1 as version, f.milestone_id, f.student_id, f.event_id
        """

    /// The files that the caller may see, by name.
    /// - Parameter condition: of `submission_files f`.
    static func all(where condition: SQL) -> Query<[SubmittedFile]> {
        SQL(
            """
            select \(columns) from submission_files f where f.event_id is not null and \(condition)
             order by lower(f.name), f.id
            """
        ).all(SubmittedFile.self)
    }

    /// Writes the resource of the API.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", file.id)
            $0.field("name", file.name)
            $0.field("contentType", file.contentType)
            $0.field("size", file.size)
            $0.field("sha256", file.checksum.map(Digest.hex))
            $0.field("stepId", stepID)
        }
    }
}

/// The files that students have sent, as far as the caller's row security shows them: to the student, to those who answer,
/// and to admins. That somebody else than the student looks is audited.
public struct SubmittedFileRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// What one student has sent with one milestone, by name.
    /// - Throws: `CaseworkError.notFound` where the caller does not see the student's progress there, `.forbidden` where the
    ///   caller sees it and does not answer.
    public static func list(of key: ProgressKey) -> Reading<Page<SubmittedFile>> {
        Reading(
            mayRead(key), SubmittedFile.all(where: of(key)),
            StudentReading.note(of: key.student, milestone: key.milestone)
        ) { allowed, files, _ in
            guard try CaseworkError.orNotFound(allowed) else { throw CaseworkError.forbidden }
            return Page(items: files)
        }
    }

    /// All that the calling student has sent.
    public static var own: Reading<[SubmittedFile]> {
        Reading(SubmittedFile.all(where: "f.student_id = waymark.account_id()"))
    }

    /// One file, and its first piece.
    /// - Throws: the same; `CaseworkError.notFound`.
    public func open(_ id: Int, of key: ProgressKey) async throws -> (file: StoredFile, start: [UInt8]) {
        let (allowed, found, start, _) = try await work(
            Self.mayRead(key), SubmittedFile.all(where: "f.id = \(id) and \(Self.of(key))"),
            FileStore.submissions.piece(0, of: id), StudentReading.note(of: key.student, milestone: key.milestone))
        guard try CaseworkError.orNotFound(allowed) else { throw CaseworkError.forbidden }
        guard let file = found.first?.file else { throw CaseworkError.notFound }
        return (file, start ?? [])
    }

    /// A piece of a file, counted from 0; nil behind the last.
    public func piece(_ number: Int, of id: Int) async throws -> [UInt8]? {
        try await work(FileStore.submissions.piece(number, of: id))
    }

    private static func of(_ key: ProgressKey) -> SQL {
        "f.milestone_id = \(key.milestone) and f.student_id = \(key.student)"
    }

    /// Whether the caller may read the files there; nil where the caller does not even see the progress.
    private static func mayRead(_ key: ProgressKey) -> Query<Bool?> {
        SQL(
            """
            select waymark.is_student() or waymark.may_act_in_cohort(a.cohort_id) from \(ProgressEntry.everything) a
             where a.milestone_id = \(key.milestone) and a.student_id = \(key.student)
            """
        ).optionalValue(Bool.self)
    }
}
