import Casework
import Tenancy

extension Visit {
    /// Who looks, and what the page shows, in one round trip.
    /// - Throws: `EntryRefusal` where the page is not for the viewer, `PostgresError`, what the readings throw.
    func read<each Output: Sendable>(
        _ reading: repeat Reading<each Output>
    ) async throws -> (Viewer, repeat each Output) {
        let work = try call.work()
        let (viewer, output) = try await work.read(Viewer.reading, Reading.all(repeat each reading))
        return (try await viewer.guided(in: work), repeat each output)
    }
}
