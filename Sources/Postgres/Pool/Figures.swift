extension Pool {
    /// What a pool has done since it was made, and what it holds at this moment.
    public struct Figures: Sendable, Hashable {
        /// Statements that were prepared already, since the start.
        public var statementHits = 0
        /// Statements that had to be prepared first, since the start.
        public var statementMisses = 0
        /// Statements prepared on all connections now.
        public var preparedStatements = 0
        /// Batches and transactions on connections now.
        public var inFlight = 0
        /// Slow batches that were broken off to let others pass, since the start.
        public var gaveWay = 0
        /// Requests that got no connection, by reason, since the start.
        public var refusals: [RequestRefusal: Int] = [:]
        /// The longest turn of the driver's event loop in the last 10 to 20 s that saw any: so long an answer may have
        /// waited to be read. One loop serves all pools.
        public var loopLag: Duration = .zero
    }
}
