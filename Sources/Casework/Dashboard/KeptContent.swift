import Synchronization
import Tenancy

/// The content of cohorts that a server keeps in memory, so that a dashboard asks only for what is the student's own.
///
/// What is kept was read by a student under row security, and is given only to students of whom `enter` says that they are in
/// exactly the same cohorts, and only while `settings.content` has the value it had before it was read: the database changes
/// that with every change of what is kept. When more than `limit` bytes are kept, what was used least recently goes.
public final class KeptContent: Sendable {
    /// Names content within an institution.
    struct Key: Sendable, Hashable {
        /// `settings.content`.
        let state: String
        /// The list of cohorts as `enter` has set it.
        let cohorts: String
    }

    private struct Place: Hashable {
        let institution: Int
        let cohorts: String
    }

    private struct Entry {
        let state: String
        let content: CohortContent
        let size: Int
        var lastUse: UInt64
    }

    private struct Store {
        var entries: [Place: Entry] = [:]
        var size = 0
        var clock: UInt64 = 0
    }

    private let limit: Int
    private let store = Mutex(Store())

    /// - Parameter limit: how many bytes to keep at most, about.
    public init(limit: Int = 64 << 20) { self.limit = limit }

    /// Bytes kept now, about.
    public var size: Int { store.withLock(\.size) }

    /// What is kept under this name; nil where that is nothing, or of another state.
    func content(_ key: Key, of institution: Institution) -> CohortContent? {
        let place = Place(institution: institution.id, cohorts: key.cohorts)
        return store.withLock { store in
            guard let index = store.entries.index(forKey: place), store.entries.values[index].state == key.state else {
                return nil
            }
            store.clock += 1
            store.entries.values[index].lastUse = store.clock
            return store.entries.values[index].content
        }
    }

    /// Keeps content that was read after its key, in the place of what these cohorts had before.
    func keep(_ content: CohortContent, _ key: Key, of institution: Institution) {
        let place = Place(institution: institution.id, cohorts: key.cohorts)
        let size = content.size + key.state.utf8.count + key.cohorts.utf8.count
        guard size <= limit / 8 else { return }
        store.withLock { store in
            store.clock += 1
            let entry = Entry(state: key.state, content: content, size: size, lastUse: store.clock)
            store.size += size - (store.entries.updateValue(entry, forKey: place)?.size ?? 0)
            guard store.size > limit else { return }
            // an eighth at once, so that sorting them is rare
            for (place, entry) in store.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
                guard store.size > limit / 8 * 7 else { break }
                store.entries[place] = nil
                store.size -= entry.size
            }
        }
    }
}
