import Postgres
import Tenancy

extension FileRepository {
    /// Copies the files of milestones, content too, in a transaction that this is a step of.
    /// - Parameters:
    ///   - originals: milestones whose files are copied.
    ///   - copies: where to, one for each, new and without files.
    /// - Throws: `CaseworkError.tooLarge` where the institution has no space for them.
    func copy(of originals: [Int], to copies: [Int]) async throws {
        try await FileStore.refusals {
            try await work(
                SQL(
                    """
                    with old as (
                      select f.id, m.id as copy, m.cohort_id, m.saved, f.name, f.content_type, f.size, f.checksum,
                             row_number() over (order by m.id, f.id) as n
                        from unnest(\(originals)::int[], \(copies)::int[]) x (original, copy)
                        join milestones m on m.id = x.copy
                        join milestone_files f on f.milestone_id = x.original and f.complete),
                    new as (
                      insert into milestone_files (cohort_id, milestone_id, milestone_saved, name, content_type, size, checksum,
                        complete)
                      select cohort_id, copy, saved, name, content_type, size, checksum, true from old order by n
                      returning id, cohort_id, milestone_id, milestone_saved, name, content_type, size),
                    numbered as (select id, cohort_id, milestone_saved, row_number() over (order by id) as n from new),
                    content as (
                      insert into file_chunks (file_id, n, cohort_id, milestone_saved, bytes)
                      select f.id, c.n, f.cohort_id, f.milestone_saved, c.bytes
                        from numbered f join old on old.n = f.n join file_chunks c on c.file_id = old.id)
                    insert into audit (action, subject, after)
                    select 'file.create', 'file/' || new.id, \(Self.audited("new")) from new order by new.id
                    """
                ).done())
        }
    }
}
