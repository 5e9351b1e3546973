import Postgres
import Tenancy

extension FileStore {
    /// The files that students send.
    static let submissions = FileStore(
        files: "submission_files", pieces: "submission_chunks", copied: "cohort_id, student_id",
        arriving: "event_id is null")
}

/// What a student sends with a milestone: a word, files that come, and files of earlier times that go.
public struct Submission: Sendable {
    let comment: String?
    let adding: [NewFile]
    let removing: [Int]

    /// - Parameters:
    ///   - removing: ids of files that were sent before; those that are gone already are no matter.
    public init(comment: String?, adding: [NewFile] = [], removing: [Int] = []) {
        (self.comment, self.adding, self.removing) = (comment, adding, removing)
    }
}

extension ProgressRepository {
    /// Submits the caller's own work: the step, its comment and its files are stored together, or nothing is.
    /// - Parameters:
    ///   - scanner: looks for viruses in the files; nil where the server has none.
    ///   - field: what a file is refused under.
    /// - Throws: what `take` throws; `CaseworkError.invalid` where there are too many files, no room for them, or a virus is
    ///   found, `.lacking` where the scanner could not say.
    public func submit(
        _ submission: Submission, milestone: Int, student: Int, ifMatch seen: IfMatch, scanner: (any FileScanner)?,
        field: String
    ) async throws -> ProgressEntry {
        var arrived: [Int] = []
        do {
            for file in submission.adding {
                arrived.append(try await arrive(file, on: milestone, of: student, scanner: scanner, field: field))
            }
            let ids = arrived
            return try await work.transaction { transaction in
                let step = ProgressRepository(work: work.within(transaction))
                let moved = try await step.take(
                    .submit, milestone: milestone, student: student, comment: submission.comment, ifMatch: seen)
                try await step.attach(ids, removing: submission.removing, moved, field: field)
                return moved
            }
        } catch {
            for id in arrived { await FileStore.submissions.drop(id, in: work) }
            guard case CaseworkError.tooLarge(let refusal) = error else { throw error }
            throw CaseworkError.invalid(field, refusal)
        }
    }

    /// Takes in what a file holds; nobody sees it until it is attached to the step.
    private func arrive(
        _ file: NewFile, on milestone: Int, of student: Int, scanner: (any FileScanner)?, field: String
    ) async throws -> Int {
        try await FileStore.submissions.take(
            file.name, file.contentType, file.content, scanner: scanner, in: work, field: field
        ) {
            let begun = try await work.apart(
                SQL(
                    """
                    insert into submission_files (cohort_id, milestone_id, milestone_saved, student_id, name, content_type)
                    select a.cohort_id, a.milestone_id, true, a.student_id, \(file.name.text), \(file.contentType)
                      from assignments a join cohorts c on c.id = a.cohort_id and c.archived_at is null
                     where a.milestone_id = \(milestone) and a.student_id = \(student)
                       and a.student_id = waymark.account_id()
                    returning id
                    """
                ).optionalValue(Int.self))
            return try CaseworkError.orNotFound(begun)
        }
    }

    /// Joins files to the step that was just taken, whose progress is locked, and takes earlier ones away.
    private func attach(_ ids: [Int], removing: [Int], _ moved: ProgressEntry, field: String) async throws {
        guard !ids.isEmpty || !removing.isEmpty else { return }
        let (milestone, student) = (moved.milestoneID, moved.student.id)
        let own: SQL = "f.milestone_id = \(milestone) and f.student_id = \(student)"
        let noted: SQL = "jsonb_build_object('name', name, 'contentType', content_type, 'size', size)"
        let subject = "progress/\(milestone)/\(student)"
        let (_, attached, count) = try await work(
            SQL(
                """
                with gone as (
                  delete from submission_files f where f.id = any (\(removing)::int[]) and \(own) and f.event_id is not null
                  returning f.name, f.content_type, f.size)
                insert into audit (action, subject, before) select 'progress.detach', \(subject), \(noted) from gone
                """
            ).done(),
            SQL(
                """
                with new as (
                  update submission_files f
                     set event_id = (select max(v.id) from progress_events v
                                      where v.milestone_id = \(milestone) and v.student_id = \(student))
                   where f.id = any (\(ids)::int[]) and \(own) and f.event_id is null
                  returning f.name, f.content_type, f.size)
                insert into audit (action, subject, after) select 'progress.attach', \(subject), \(noted) from new
                """
            ).affected(),
            SQL("select count(*)::int from submission_files f where \(own) and f.event_id is not null").value(Int.self))
        guard attached == ids.count else { throw CaseworkError.notFound }
        guard count <= StoredFile.mostOfSubmission else {
            throw CaseworkError.invalid(field, .beyond(.filesTooMany, most: StoredFile.mostOfSubmission))
        }
    }
}
