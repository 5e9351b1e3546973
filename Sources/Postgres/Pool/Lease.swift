import Synchronization

/// A request for a connection that nobody else uses.
///
/// Safe to send: made on the caller's thread, then touched only on the event loop's.
final class Lease: PipelineRequest, @unchecked Sendable {
    private var continuation: CheckedContinuation<Pipeline, any Error>?
    /// Whether it is for work that takes long.
    let isLong: Bool
    var cancelled = false

    init(affinity: Int, isLong: Bool) {
        self.isLong = isLong
        super.init(affinity: affinity)
    }

    func wait(_ continuation: CheckedContinuation<Pipeline, any Error>) {
        self.continuation = continuation
    }

    override func begin(on pipeline: Pipeline) -> Bool {
        guard pipeline.handle != nil else { return false }
        continuation?.resume(returning: pipeline)
        continuation = nil
        return true
    }

    override func refuse(_ error: any Error) {
        continuation?.resume(throwing: error)
        continuation = nil
    }
}
