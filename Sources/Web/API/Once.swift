import Casework
import HTTPTypes
import Hummingbird
import NIOCore

extension Call {
    /// Runs a change; with an `Idempotency-Key` on a POST, only the first time, and repeats its answer afterwards.
    ///
    /// Such a request's body is held in memory (at most 32 MiB), because its hash decides.
    func once(_ change: (Call) async throws -> Response) async throws -> Response {
        guard request.method == .post, !route.refusesIdempotencyKey, let key = request.headers[.idempotencyKey] else {
            return try await change(self)
        }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) else {
            throw CaseworkError.invalid("Idempotency-Key", "must have 1 to 255 printable ASCII characters")
        }
        var call = self
        let bytes = try await body(limit: 32 << 20)
        call.replaceBody(ByteBuffer(bytes: bytes))
        let entry = request.uri.path
        let keys = IdempotencyRepository(work: try work())
        switch try await keys.claim(
            route: "POST \(entry)", key: key,
            bodyHash: Digest.sha256(Array((requestWithoutBody + "\n").utf8) + bytes))
        {
        case .answered(let answer):
            return Response(
                status: .init(code: answer.status),
                headers: HTTPFields(
                    answer.headers.compactMap { pair in
                        HTTPField.Name(pair.name).map { HTTPField(name: $0, value: pair.value) }
                    }), body: .init(byteBuffer: ByteBuffer(bytes: answer.bytes)))
        case .running:
            throw CaseworkError.conflict(
                detail: "The first request with this Idempotency-Key is still running.", blockedBy: [], state: "running"
            )
        case .otherBody:
            throw CaseworkError.invalid("Idempotency-Key", "was used with another request")
        case .first: break
        }
        var response: Response
        do {
            response = try await answer(of: change, call)
        } catch {
            // where the commit's answer was lost, the change may have been made: the key stays taken
            if Unavailable(error)?.mayHaveChanged != true {
                try? await keys.release(route: "POST \(entry)", key: key)
            }
            throw error
        }
        let collected = try await response.body.collected()
        response.body = .init(byteBuffer: ByteBuffer(bytes: collected))
        guard response.status.code < 500 else {
            try? await keys.release(route: "POST \(entry)", key: key)
            return response
        }
        // The change is made and is answered so, even where the answer cannot be kept: then the key stays taken.
        try? await keys.complete(
            route: "POST \(entry)", key: key,
            answer: .init(
                status: response.status.code,
                headers: response.headers.filter { $0.name != .contentLength }
                    .map { ($0.name.rawName, $0.value) }, bytes: collected))
        return response
    }

    /// What says what is asked for, beside path and body: the query, and a file's name and type.
    private var requestWithoutBody: String {
        let query = request.uri.query ?? ""
        guard case .file = route.payload else { return query }
        return [query, request.headers[.contentDisposition] ?? "", request.headers[.contentType] ?? ""]
            .joined(separator: "\n")
    }

    /// A refusal is an answer too.
    private func answer(of change: (Call) async throws -> Response, _ call: Call) async throws -> Response {
        do {
            return try await change(call)
        } catch {
            guard let problem = Problem(error), problem.status.code < 500 else { throw error }
            return problem.response
        }
    }
}

extension Route {
    /// Sign-in and tokens answer with a secret that must not be kept.
    var refusesIdempotencyKey: Bool { access == .open || path == "/tokens" || path.hasSuffix("/invitation") }
}

extension ResponseBody {
    /// The whole body in memory.
    func collected() async throws -> [UInt8] {
        let collector = Collector()
        try await write(collector)
        return collector.bytes
    }

    private final class Collector: ResponseBodyWriter {
        var bytes: [UInt8] = []

        func write(_ buffer: ByteBuffer) async throws {
            bytes.append(contentsOf: buffer.readableBytesView)
        }

        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}
