/// A statement prepared (or about to be) on one connection. Confined to the event loop's thread.
final class PreparedStatement {
    enum State { case preparing, ready, dropped }

    let key: StatementCache.Key
    let name: String
    var state = State.preparing
    /// The batch that prepares it. Others do not rely on it before it is ready: that batch may fail first.
    weak var preparer: Batch?
    var columns: Columns?
    var lastUse: UInt64 = 0

    init(key: StatementCache.Key, name: String, preparer: Batch) {
        self.key = key
        self.name = name
        self.preparer = preparer
    }
}

/// What is prepared on one connection, least recently used out first. Confined to the event loop's thread.
struct StatementCache {
    struct Key: Hashable {
        let preparedFor: String
        let text: String
    }

    private let capacity: Int
    private var entries: [Key: PreparedStatement] = [:]
    private var counter: UInt64 = 0
    private var clock: UInt64 = 0
    /// Names the server still holds and nobody uses any more.
    private var discarded: [String] = []

    private let counters: Counters

    init(capacity: Int, counters: Counters = Counters()) {
        self.capacity = max(capacity, 1)
        self.counters = counters
    }

    var count: Int { entries.count }

    /// The statement if this batch may use it by name.
    mutating func usable(_ key: Key, by batch: Batch) -> PreparedStatement? {
        guard let entry = entries[key], entry.state == .ready || entry.preparer === batch else { return nil }
        clock += 1
        entry.lastUse = clock
        counters.hits.count()
        return entry
    }

    /// A new entry, unless another batch is preparing the same statement right now.
    mutating func add(_ key: Key, preparer: Batch) -> PreparedStatement? {
        guard entries[key] == nil else { return nil }
        counter += 1
        clock += 1
        let entry = PreparedStatement(key: key, name: "w\(counter)", preparer: preparer)
        entry.lastUse = clock
        entries[key] = entry
        counters.misses.count()
        counters.prepared.count()
        return entry
    }

    /// Forgets a statement; the server still holds it when `held`.
    mutating func drop(_ statement: PreparedStatement, held: Bool) {
        guard statement.state != .dropped else { return }
        statement.state = .dropped
        entries[statement.key] = nil
        counters.prepared.count(-1)
        if held { discarded.append(statement.name) }
    }

    /// The connection is closed, and what was prepared on it is gone.
    mutating func forget() {
        guard !entries.isEmpty else { return }
        counters.prepared.count(-entries.count)
        entries = [:]
        discarded = []
    }

    /// The names to deallocate now, few at a time, because a request waits behind them: of what was dropped, and of the
    /// oldest eighth when the cache is over its capacity.
    mutating func takeDiscarded() -> [String] {
        if entries.count > capacity {
            let ready = entries.values.filter { $0.state == .ready }.sorted { $0.lastUse < $1.lastUse }
            for statement in ready.prefix(entries.count - capacity + capacity / 8) { drop(statement, held: true) }
        }
        if discarded.isEmpty { return [] }
        defer { discarded.removeFirst(min(16, discarded.count)) }
        return Array(discarded.prefix(16))
    }
}
