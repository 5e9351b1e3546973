import Casework
import HTTPTypes
import Hummingbird
import NIOCore
import Tenancy

extension Call {
    /// Runs a change; with an `Idempotency-Key` on a POST, only the first time, and repeats its answer afterwards.
    ///
    /// Such a request's body is received whole before the change begins, because its hash decides; and all that the change does
    /// in the database is one transaction with the key.
    func once(_ change: (Call) async throws -> Response) async throws -> Response {
        guard request.method == .post, !route.refusesIdempotencyKey, let text = request.headers[.idempotencyKey] else {
            return try await change(self)
        }
        guard (1...255).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) else {
            throw CaseworkError.invalid("Idempotency-Key", .notAnIdempotencyKey)
        }
        var call = self
        let body = try await call.spoolBody()
        let key = IdempotencyRepository.Key(
            route: "POST \(request.uri.path)", text: text,
            bodyHash: try await Digest.sha256(Array((requestWithoutBody + "\n").utf8), body))
        try await route.ahead?(&call)
        let ready = call
        let keys = IdempotencyRepository(work: try work())
        let answer = try await keys.once(key, isLong: isImport) { work in
            var call = ready
            call.whole = work
            return try await call.answer(of: change)
        }
        return Response(answer)
    }

    /// What the request says beside its path and body: the query, a file's name and type, and how text is written where it
    /// is not UTF-8.
    private var requestWithoutBody: String {
        let query = request.uri.query ?? ""
        if case .file = route.payload {
            return [query, request.headers[.contentDisposition] ?? "", request.headers[.contentType] ?? ""]
                .joined(separator: "\n")
        }
        guard let charset = (try? statedType())?.parameters["charset"], TextEncoding(charset: charset) != .utf8 else {
            return query
        }
        return "\(query)\n\(charset.lowercased())"
    }

    /// A refusal is an answer too, unless signing in again would change it.
    private func answer(of change: (Call) async throws -> Response) async throws -> IdempotencyRepository.Answer {
        let response: Response
        do {
            response = try await change(self)
        } catch {
            guard let problem = Problem(error), problem.status.code < 500, problem.status != .unauthorized else {
                throw error
            }
            response = problem.response
        }
        guard response.status.code < 500 else { throw CaseworkError.unavailable }
        return .init(
            status: response.status.code,
            headers: response.headers.filter { $0.name != .contentLength }.map { ($0.name.rawName, $0.value) },
            body: try await response.body.spooled())
    }
}

extension Response {
    fileprivate init(_ answer: IdempotencyRepository.Answer) {
        let fields = answer.headers.compactMap { pair in
            HTTPField.Name(pair.name).map { HTTPField(name: $0, value: pair.value) }
        }
        self.init(
            status: .init(code: min(max(answer.status, 100), 599)), headers: HTTPFields(fields),
            body: ResponseBody(contentLength: answer.body.size) { writer in
                for try await piece in answer.body { try await writer.write(ByteBuffer(bytes: piece)) }
                try await writer.finish(nil)
            })
    }
}

extension Route {
    /// Sign-in and tokens answer with a secret that must not be kept.
    var refusesIdempotencyKey: Bool {
        access == .open || path == "/tokens" || path == "/calendar" || path.hasSuffix("/invitation")
            || path.hasPrefix("/me/authenticator")
    }
}

extension ResponseBody {
    /// The whole body in memory.
    func collected() async throws -> [UInt8] { try await spooled().bytes() }

    /// The whole body, however long.
    func spooled() async throws -> Spool {
        let collector = Collector()
        try await write(collector)
        return collector.content.finish()
    }

    private final class Collector: ResponseBodyWriter {
        var content = SpoolWriter()

        func write(_ buffer: ByteBuffer) async throws {
            try await content.append(buffer.readableBytesView)
        }

        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}
