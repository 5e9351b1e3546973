/// What asks for a pipeline: a batch for a place on one, or a task for the whole of it. A class to derive from rather than
/// a protocol, so that the pool's inner loop is not generic code.
///
/// Safe to send: made on the caller's thread, then touched only on the event loop's.
class PipelineRequest: @unchecked Sendable {
    let affinity: Int
    /// Known to take long: nothing is sent behind it.
    var isSlow = false

    init(affinity: Int) { self.affinity = affinity }

    /// Begins on the connection. False: it is broken and nothing was sent.
    func begin(on pipeline: Pipeline) -> Bool { false }

    func refuse(_ error: any Error) {}
}
