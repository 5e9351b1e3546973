import Postgres
import Tenancy

/// The first answer to a POST with an `Idempotency-Key`, kept for 24 hours per account and route
/// (draft-ietf-httpapi-idempotency-key-header).
///
/// The key is claimed, the change made and its answer kept in one transaction. So what is stored was answered, and what a
/// crash cut off left nothing behind: the database undoes a transaction whose owner is gone.
public struct IdempotencyRepository: Sendable {
    /// What a repetition has in common with the first request.
    public struct Key: Sendable {
        fileprivate let route, text: String
        fileprivate let bodyHash: [UInt8]

        /// - Parameters:
        ///   - route: method and path.
        ///   - text: 1 to 255 characters.
        ///   - bodyHash: SHA-256 of all that the route and the key do not say.
        public init(route: String, text: String, bodyHash: [UInt8]) {
            self.route = route
            self.text = text
            self.bodyHash = bodyHash
        }

        fileprivate var condition: SQL {
            "account_id = waymark.account_id() and route = \(route) and key = \(text)"
        }
    }

    /// An answer as it was sent.
    public struct Answer: Sendable {
        /// HTTP status code, below 500.
        public let status: Int
        /// Names and values.
        public let headers: [(name: String, value: String)]
        /// The body, which may be longer than what is held in memory.
        public let body: Spool

        /// - Parameter headers: those worth repeating.
        public init(status: Int, headers: [(name: String, value: String)], body: Spool) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let running = CaseworkError.conflict(Refusal(.requestRunning), state: "running")
    private static let otherBody = CaseworkError.invalid("Idempotency-Key", .keyOfAnotherRequest)

    /// Answers as the first request with this key was answered, or makes the change and keeps its answer.
    /// - Parameters:
    ///   - isLong: the change may take seconds and more.
    ///   - change: makes the change by the work it is given, a part of the key's transaction. An answer of 400 and above
    ///     undoes what it did, and is kept too.
    /// - Throws: `CaseworkError.conflict` while the first is still running, `.invalid` where that was another request; what
    ///   `change` throws, of which nothing is kept.
    public func once(
        _ key: Key, isLong: Bool = false, _ change: (UnitOfWork) async throws -> Answer
    ) async throws -> Answer {
        // A repetition of long work is answered at once; only the work itself waits its turn.
        if isLong, let kept = try await answer(to: key) { return kept }
        return try await work.transaction(isLong: isLong) { transaction in
            if let kept = try await claim(key, in: transaction) { return kept }
            let answer = try await change(work.within(transaction))
            if answer.status >= 400 { _ = try await transaction(SQL("rollback to savepoint change").done()) }
            try await keep(answer, of: key, in: transaction)
            return answer
        }
    }

    /// The answer that was kept; nil where nobody used the key.
    private func answer(to key: Key) async throws -> Answer? {
        struct Unused: Error {}
        do {
            return try await work.transaction { transaction in
                guard let kept = try await claim(key, in: transaction) else { throw Unused() }
                return kept
            }
        } catch is Unused {
            return nil
        }
    }

    /// Takes the key for this transaction, unless another request had it.
    ///
    /// A request that has it in an open transaction is waited for a moment. A claim that was committed without an answer is
    /// from a server of before, which may have died; such a request ran for minutes at most.
    /// - Returns: the answer of the request that had it.
    private func claim(_ key: Key, in transaction: Transaction) async throws -> Answer? {
        let claimed: Int
        let found: Entry?
        do {
            (_, _, claimed, found, _, _) = try await transaction(
                SQL("set local lock_timeout = '250ms'").done(),
                ("""
                delete from idempotency_keys where \(key.condition) and (created_at < now() - interval '24 hours'
                    or state = 'running' and created_at < now() - interval '10 minutes')
                """ as SQL).done(),
                ("""
                insert into idempotency_keys (route, key, body_hash) values (\(key.route), \(key.text), \(key.bodyHash))
                on conflict (account_id, route, key) do nothing
                """ as SQL).affected(),
                // locked, so that nobody sweeps it out while it is read
                ("""
                select body_hash, state, status, headers, response from idempotency_keys where \(key.condition)
                for key share
                """ as SQL).optional(Entry.self),
                work.lockLimit.done(),
                SQL("savepoint change").done())
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
            throw Self.running
        }
        if claimed == 1 { return nil }
        guard let found else { throw Self.running }
        guard found.bodyHash == key.bodyHash else { throw Self.otherBody }
        guard let head = found.head else { throw Self.running }
        var body = SpoolWriter()
        try await body.append(head.start)
        var number = 1
        while let piece = try await piece(number, of: key, in: transaction) {
            try await body.append(piece)
            number += 1
        }
        return Answer(status: head.status, headers: head.headers, body: body.finish())
    }

    private func piece(_ number: Int, of key: Key, in transaction: Transaction) async throws -> [UInt8]? {
        let sql: SQL = "select bytes from idempotency_pieces where \(key.condition) and n = \(number)"
        return try await transaction(sql.optionalValue([UInt8].self))
    }

    /// Keeps an answer: its beginning with the key, the rest piece by piece.
    private func keep(_ answer: Answer, of key: Key, in transaction: Transaction) async throws {
        let headers = JSONText(JSONWriter.text(of: answer.headers.map { [$0.name, $0.value] }))
        var pieces = answer.body.makeAsyncIterator()
        let start = try await pieces.next() ?? []
        try await transaction(
            ("""
            update idempotency_keys set state = 'done', status = \(answer.status), headers = \(headers)::jsonb,
                response = \(start)
            where \(key.condition)
            """ as SQL).done())
        var number = 1
        while let piece = try await pieces.next() {
            try await transaction(
                ("""
                insert into idempotency_pieces (route, key, n, bytes)
                values (\(key.route), \(key.text), \(number), \(piece))
                """ as SQL).done())
            number += 1
        }
    }

    private struct Entry: RowDecodable {
        let bodyHash: [UInt8]
        let head: (status: Int, headers: [(name: String, value: String)], start: [UInt8])?

        init(row: Row) throws {
            bodyHash = try row.get("body_hash")
            let state: String = try row.get("state")
            guard state == "done" else {
                head = nil
                return
            }
            let headers: JSONText = try row.get("headers")
            head = (try row.get("status"), try Self.pairs(headers), try row.get("response"))
        }

        private static func pairs(_ text: JSONText) throws -> [(name: String, value: String)] {
            guard case .array(let pairs) = try JSONValue(parsing: Array(text.text.utf8)) else { return [] }
            return pairs.compactMap { pair in
                guard case .array(let words) = pair, words.count == 2, case .string(let name) = words[0],
                    case .string(let value) = words[1]
                else { return nil }
                return (name, value)
            }
        }
    }
}
