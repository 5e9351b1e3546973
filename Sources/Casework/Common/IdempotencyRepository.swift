import Postgres
import Tenancy

/// The first answer to a POST with an `Idempotency-Key`, kept for 24 hours per account and route
/// (draft-ietf-httpapi-idempotency-key-header).
public struct IdempotencyRepository: Sendable {
    /// An answer as it was sent.
    public struct Answer: Sendable {
        /// HTTP status code, below 500.
        public let status: Int
        /// Names and values.
        public let headers: [(name: String, value: String)]
        /// The body.
        public let bytes: [UInt8]

        /// - Parameter headers: those worth repeating.
        public init(status: Int, headers: [(name: String, value: String)], bytes: [UInt8]) {
            self.status = status
            self.headers = headers
            self.bytes = bytes
        }
    }

    /// What is known of a key.
    public enum Claim: Sendable {
        /// Nobody used it: go on, then `complete` or `release`.
        case first
        /// The answer the first request got.
        case answered(Answer)
        /// The first request has not been answered yet.
        case running
        /// It was used with another body.
        case otherBody
    }

    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// Takes the key for this request, unless another had it. A claim that was never answered (the server died, or lost the
    /// database) stays for the 24 hours too: whether the change was made is not known, and it must not be made twice.
    public func claim(route: String, key: String, bodyHash: [UInt8]) async throws -> Claim {
        let (_, mine, found) = try await work(
            ("""
            delete from idempotency_keys where account_id = waymark.account_id() and route = \(route) and key = \(key)
                and created_at < now() - interval '24 hours'
            """ as SQL).done(),
            ("""
            insert into idempotency_keys (route, key, body_hash) values (\(route), \(key), \(bodyHash))
            on conflict (account_id, route, key) do nothing
            """ as SQL).affected(),
            ("""
            select body_hash, state, status, headers, response from idempotency_keys
            where account_id = waymark.account_id() and route = \(route) and key = \(key)
            """ as SQL).optional(Entry.self))
        if mine == 1 { return .first }
        guard let found else { return .running }
        guard found.bodyHash == bodyHash else { return .otherBody }
        guard let answer = found.answer else { return .running }
        return .answered(answer)
    }

    /// Keeps the answer for those who ask again; also where the first has gone away meanwhile.
    public func complete(route: String, key: String, answer: Answer) async throws {
        let headers = JSONText(JSONWriter.text(of: answer.headers.map { [$0.name, $0.value] }))
        try await work.evenIfCancelled(
            ("""
            update idempotency_keys set state = 'done', status = \(answer.status), headers = \(headers)::jsonb,
                response = \(answer.bytes)
            where account_id = waymark.account_id() and route = \(route) and key = \(key)
            """ as SQL).done())
    }

    /// Forgets the claim: the request failed on our side, or was given up, and may be tried again.
    public func release(route: String, key: String) async throws {
        try await work.evenIfCancelled(
            ("""
            delete from idempotency_keys
            where account_id = waymark.account_id() and route = \(route) and key = \(key) and state = 'running'
            """ as SQL).done())
    }

    private struct Entry: RowDecodable {
        let bodyHash: [UInt8]
        let answer: Answer?

        init(row: Row) throws {
            bodyHash = try row.get("body_hash")
            let state: String = try row.get("state")
            guard state == "done" else {
                answer = nil
                return
            }
            let headers: JSONText = try row.get("headers")
            answer = Answer(
                status: try row.get("status"), headers: try Self.pairs(headers), bytes: try row.get("response"))
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
