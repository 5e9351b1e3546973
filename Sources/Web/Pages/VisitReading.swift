import Casework
import Tenancy

extension Visit {
    /// Who looks, and what the page shows, in one round trip; what the menu tells in another.
    /// - Throws: `EntryRefusal` where the page is not for the viewer, `PostgresError`, what the readings throw.
    func read<each Output: Sendable>(
        _ reading: repeat Reading<each Output>
    ) async throws -> (Viewer, repeat each Output) {
        let work = try call.work()
        let (viewer, output) = try await work.read(Viewer.reading, Reading.all(repeat each reading))
        return (try await told(viewer, in: work), repeat each output)
    }

    /// The viewer with what the menu tells: how far the set-up is, and how much waits. That is one more round trip for who
    /// works here: only a transaction for that knows whose requests these are, and students are not to wait for it.
    func told(_ viewer: Viewer, in work: UnitOfWork) async throws -> Viewer {
        var viewer = try await viewer.guided(in: work)
        if viewer.role != "student" { viewer.waiting = try? await call.work(as: .casework).read(QueueRepository.count) }
        return viewer
    }
}
