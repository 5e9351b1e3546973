import Casework
import Tenancy

extension Visit {
    /// Who looks, what the page shows and what the menu tells. One round trip where the page itself is about the viewer's
    /// caseload, and for students; else the menu takes one more.
    /// - Throws: `EntryRefusal` where the page is not for the viewer, `PostgresError`, what the readings throw.
    func read<each Output: Sendable>(
        _ reading: repeat Reading<each Output>
    ) async throws -> (Viewer, repeat each Output) {
        let work = try call.work()
        guard knowsCaseload else {
            let (viewer, output) = try await work.read(Viewer.reading, Reading.all(repeat each reading))
            return (try await told(viewer, in: work), repeat each output)
        }
        let (viewer, waiting, unread, output) = try await work.read(
            Viewer.reading, QueueRepository.count, InboxRepository.unread, Reading.all(repeat each reading))
        var told = try await viewer.guided(in: work)
        (told.waiting, told.unread) = (waiting, unread)
        return (told, repeat each output)
    }

    /// Whether the page's transaction knows whose requests are the viewer's.
    private var knowsCaseload: Bool {
        switch call.route.access {
        case .signedIn(.casework), .signedIn(.editors): true
        default: false
        }
    }

    /// The viewer with what the menu tells: how far the set-up is, and how much waits.
    func told(_ viewer: Viewer, in work: UnitOfWork) async throws -> Viewer {
        var viewer = try await viewer.guided(in: work)
        if viewer.role == "student" {
            viewer.unread = try? await call.work(as: .student).read(InboxRepository.unread)
        } else if let (waiting, unread) = try? await call.work(as: .casework)
            .read(QueueRepository.count, InboxRepository.unread)
        {
            (viewer.waiting, viewer.unread) = (waiting, unread)
        }
        return viewer
    }
}
