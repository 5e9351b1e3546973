import Postgres
import Tenancy

/// A file that was sent to be added to a milestone, with its content.
public struct NewFile: Sendable {
    let name: FileName
    let contentType: String
    let content: Spool

    /// - Parameter contentType: a media type.
    /// - Throws: `Refusal` where the name will not do, or the file is empty or too large.
    public init(name raw: String, contentType: String, content: Spool) throws(Refusal) {
        let name = try FileName(raw)
        guard content.size > 0 else { throw Refusal(.fileEmpty, ["name": .text(name.text)]) }
        guard content.size <= StoredFile.limit else {
            throw Refusal(
                .fileBeyondLimit, ["name": .text(name.text), "most": .number(StoredFile.limit >> 20)])
        }
        (self.name, self.contentType, self.content) = (name, contentType, content)
    }
}

extension FileRepository {
    /// Saves a milestone and its files: what is said about it, the files that come and those that go. All of it, or nothing.
    /// A file to be removed that has gone already is no matter.
    /// - Parameters:
    ///   - scanner: looks for viruses in the files that come; nil where the server has none.
    ///   - field: what a file is refused under.
    /// - Throws: what `MilestoneRepository.change` throws, `CaseworkError.invalid`, `.lacking` where the scanner could not say.
    public func save(
        _ patch: MilestonePatch, of milestone: Int, adding files: [NewFile], removing: [Int], ifMatch: IfMatch,
        scanner: (any FileScanner)?, field: String
    ) async throws -> Milestone {
        var arrived: [Int] = []
        do {
            for file in files {
                arrived.append(
                    try await take(
                        file.name, contentType: file.contentType, to: milestone, content: file.content,
                        scanner: scanner,
                        field: field))
            }
            let ids = arrived
            return try await work.transaction { transaction in
                let step = work.within(transaction)
                let saved = try await MilestoneRepository(work: step).change(milestone, patch, ifMatch: ifMatch)
                let files = FileRepository(work: step)
                try await files.remove(removing, of: milestone)
                for id in ids { _ = try await files.finish(id) }
                return saved
            }
        } catch {
            for id in arrived { await drop(id) }
            guard case CaseworkError.tooLarge(let refusal) = error else { throw error }
            throw CaseworkError.invalid(field, refusal)
        }
    }

    /// Removes those of a milestone's files that are still there.
    private func remove(_ ids: [Int], of milestone: Int) async throws {
        guard !ids.isEmpty else { return }
        let removal: SQL =
            """
            with old as (
              select \(Self.columns), milestone_id from milestone_files
               where id = any (\(ids)::int[]) and milestone_id = \(milestone) and complete for update),
            gone as (delete from milestone_files f using old o where f.id = o.id returning f.id)
            insert into audit (action, subject, before)
            select 'file.delete', 'file/' || old.id, \(Self.audited("old")) from old join gone on gone.id = old.id
            """
        _ = try await FileStore.refusals { try await work(removal.done()) }
    }
}
