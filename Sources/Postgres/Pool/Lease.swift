import Synchronization

/// A request for a connection of one's own.
///
/// Safe to send: made on the caller's thread, then touched only on the event loop's.
final class Lease: LaneRequest, @unchecked Sendable {
    let affinity: Int
    private var continuation: CheckedContinuation<Pipeline, any Error>?
    var cancelled = false

    init(affinity: Int) { self.affinity = affinity }

    func wait(_ continuation: CheckedContinuation<Pipeline, any Error>) {
        self.continuation = continuation
    }

    func begin(on pipeline: Pipeline) -> Bool {
        guard pipeline.handle != nil else { return false }
        continuation?.resume(returning: pipeline)
        continuation = nil
        return true
    }

    func refuse(_ error: any Error) {
        continuation?.resume(throwing: error)
        continuation = nil
    }
}

extension Batch: LaneRequest {
    func begin(on pipeline: Pipeline) -> Bool { pipeline.send(self) }

    func refuse(_ error: any Error) { finish(.failure(error)) }
}
