import Events

/// Connections to one database under one login.
///
/// ``batch(_:affinity:)`` is the ordinary way: one round trip, one transaction, on a connection shared with others.
/// A transaction that must look at an answer before its next statement, and everything that changes the session, gets
/// a connection of its own.
public final class Pool: Sendable {
    /// Where to connect, how much at a time, and how long to wait.
    public struct Configuration: Sendable {
        /// libpq's connection string or URL, several hosts allowed.
        public var conninfo: String
        /// The login, where it is not the one in `conninfo`.
        public var user: String?
        /// Connections for batches.
        public var size = 4
        /// Further connections of each kind, made only while others are held up by work that takes long; for long
        /// transactions at most one.
        public var spare = 2
        /// Batches in flight on one connection; of one affinity a third of that.
        public var depth = 12
        /// Requests that may wait for a connection; one more fails at once.
        public var maxWaiting = 1000
        /// How long a request may wait for a connection.
        public var waitTimeout: Duration = .seconds(2)
        /// How long making a connection may take.
        public var connectTimeout: Duration = .seconds(5)
        /// How long a batch may take once it is its turn on its connection, enforced by server and client.
        public var statementTimeout: Duration = .seconds(30)
        /// How long a batch may wait for a lock: behind it, on its connection, others wait with it.
        public var lockTimeout: Duration = .seconds(2)
        /// How long a connection may owe an answer before it gets no new requests. Where the server then takes no new
        /// connection either, and answers on none, what waits for it fails.
        public var patience: Duration = .seconds(3)
        /// How long the server keeps a transaction, and its locks, whose next statement does not come.
        public var idleTransactionTimeout: Duration = .seconds(60)
        /// After this time, give or take a fifth, a connection is replaced.
        public var maxLifetime: Duration = .seconds(1800)
        /// A connection that served more affinities is replaced: the server keeps catalog entries and plans for each,
        /// about 1.2 MB of memory.
        public var maxAffinities = 300
        /// Prepared statements kept per connection.
        public var statementCacheSize = 1500
        /// Whether a pooler in transaction mode, such as PgBouncer, stands before the server and gives each transaction any
        /// of its own connections. Then nothing is prepared by name, a connection carries one batch at a time (the pooler
        /// must not hand on a server that owes answers), and the session's time limits are left to the pooler's settings.
        public var isBehindPooler = false
        /// What `pg_stat_activity` shows.
        public var applicationName: String?
        /// Further connections for transactions and exclusive use.
        public var exclusive = 4
        /// Further connections for transactions that say they take long; an affinity has one at a time.
        public var long = 2
        /// How long those may wait for a connection.
        public var longWaitTimeout: Duration = .seconds(60)
        /// Who is told of what an operator may want to know.
        public var observers = Observers.none

        /// A configuration with the defaults.
        public init(conninfo: String, user: String? = nil) {
            self.conninfo = conninfo
            self.user = user
        }
    }

    private let core: PoolCore

    /// Connects on first use, not before.
    public init(_ configuration: Configuration) {
        core = PoolCore(configuration, loop: .shared)
    }

    deinit {
        let core = core
        core.loop.execute { core.abandon() }
    }

    /// Runs the statements in one round trip and one transaction: all or nothing. The first error is thrown.
    ///
    /// A later statement cannot depend on an earlier one's answer. A batch may not begin or end a transaction, change
    /// the session or COPY: it fails, and the connection is closed. One that keeps others waiting behind it for a quarter
    /// of a second is rolled back and run once more, where nobody does. `affinity` is the institution, whose caches a
    /// connection keeps warm. When the task is cancelled the statements are cancelled too; one that was too late for
    /// that returns normally.
    public func batch(_ statements: [Statement], affinity: Int) async throws -> [Rows] {
        for statement in statements { try statement.validate() }
        let work = BatchWork(core)
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                work.submit(statements, affinity, continuation)
            }
        } onCancel: {
            work.cancel()
        }
    }

    /// Runs `body` in a transaction on a connection of its own; commits when it returns, rolls back when it throws or
    /// its task is cancelled. A commit that the server answers with a rollback is an error.
    ///
    /// - Parameters:
    ///   - isLong: it may take seconds and more: it waits for one of the few connections for such, and leaves the others
    ///     to short transactions.
    ///   - first: statements that travel with BEGIN.
    public func transaction<Value: Sendable>(
        affinity: Int, isLong: Bool = false, first: [Statement] = [],
        _ body: (Transaction) async throws -> Value
    ) async throws -> Value {
        for statement in first { try statement.validate() }
        let lease = Lease(affinity: affinity, isLong: isLong)
        let pipeline = try await take(lease)
        let transaction = Transaction(pipeline, timeout: core.configuration.statementTimeout)
        do {
            try await transaction.begin(first)
            let value = try await body(transaction)
            try Task.checkCancellation()
            try await transaction.commit()
            await release(pipeline, of: lease, reusable: true)
            return value
        } catch {
            let clean = await transaction.rollback()
            await release(pipeline, of: lease, reusable: clean)
            throw error
        }
    }

    /// Lends a plain connection, closed afterwards whatever was done with it: for migrations.
    public func exclusive<Value: Sendable>(
        _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        let lease = Lease(affinity: 0, isLong: false)
        let pipeline = try await take(lease)
        let connection = Connection(pipeline)
        do {
            let value = try await body(connection)
            await release(pipeline, of: lease, reusable: false)
            return value
        } catch {
            await release(pipeline, of: lease, reusable: false)
            throw error
        }
    }

    /// Refuses new work, waits for what was accepted, and closes every connection.
    ///
    /// - Parameter limit: how long to wait before connections are cut; nil for as long as a batch may take.
    public func close(within limit: Duration? = nil) async {
        let core = core
        let closing = Closing(core, limit: limit ?? core.configuration.statementTimeout + .seconds(3))
        await withCheckedContinuation { continuation in
            closing.start { continuation.resume() }
        }
    }

    /// How long a batch may wait for a lock.
    public var lockTimeout: Duration { core.configuration.lockTimeout }

    /// Figures of this moment, for metrics and tests.
    public var statistics: Statistics { core.statistics }

    /// What was done since the start, for metrics.
    public var figures: Figures { core.total }

    private func take(_ lease: Lease) async throws -> Pipeline {
        let core = core
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                lease.wait(continuation)
                core.loop.execute { core.submit(lease) }
            }
        } onCancel: {
            core.loop.execute { core.cancel(lease) }
        }
    }

    private func release(_ pipeline: Pipeline, of lease: Lease, reusable: Bool) async {
        let core = core
        await withCheckedContinuation { continuation in
            core.loop.execute {
                core.release(pipeline, of: lease, reusable: reusable)
                continuation.resume()
            }
        }
    }
}

extension Pool {
    /// What a pool holds and does.
    public struct Statistics: Sendable, Hashable {
        /// Figures of one set of connections.
        public struct Lane: Sendable, Hashable {
            /// Connections ready for use.
            public var open = 0
            /// Connections being made.
            public var connecting = 0
            /// Connections with nothing in flight.
            public var idle = 0
            /// Connections at work.
            public var busy = 0
            /// Requests on connections.
            public var inFlight = 0
            /// Requests waiting for a connection.
            public var waiting = 0
        }

        /// The connections that batches share.
        public var shared = Lane()
        /// The connections lent to one caller at a time.
        public var exclusive = Lane()
        /// Those of them for long work.
        public var long = Lane()

        private var lanes: [Lane] { [shared, exclusive, long] }
        /// Connections ready for use.
        public var open: Int { lanes.reduce(0) { $0 + $1.open } }
        /// Connections with nothing in flight.
        public var idle: Int { lanes.reduce(0) { $0 + $1.idle } }
        /// Connections at work.
        public var busy: Int { lanes.reduce(0) { $0 + $1.busy } }
        /// Requests waiting for a connection.
        public var waiting: Int { lanes.reduce(0) { $0 + $1.waiting } }
    }
}

extension Pool.Statistics.Lane {
    init(_ state: PoolState) {
        self.init()
        waiting = state.waitingCount
        for index in state.slots.indices {
            let (phase, load) = (state.slots[index].phase, state.slots[index].load)
            switch phase {
            case .connecting: connecting += 1
            case .open: open += 1
            case .retiring: break
            }
            inFlight += load
            if load > 0 { busy += 1 } else if phase == .open { idle += 1 }
        }
    }
}
