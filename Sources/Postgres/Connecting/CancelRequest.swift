import CLibPQ
import Synchronization

/// Asks the server to cancel what a connection is doing. `PQcancel` opens a connection of its own and blocks, for as
/// long as a stopped server pleases: hence a thread, and a limit on how many may hang at a time.
enum CancelRequest {
    private static let limit = 16
    private static let running = Atomic<Int>(0)

    private struct Key: @unchecked Sendable {
        // Made for this call alone; libpq allows PQcancel on any thread.
        let pointer: OpaquePointer
    }

    /// Calls back, on a thread of its own, with whether the server has read the request. False: not sent, because too
    /// many others hang.
    @discardableResult
    static func send(for handle: OpaquePointer, _ done: @escaping @Sendable (Bool) -> Void = { _ in }) -> Bool {
        guard running.wrappingAdd(1, ordering: .relaxed).newValue <= limit, let pointer = PQgetCancel(handle) else {
            running.wrappingSubtract(1, ordering: .relaxed)
            return false
        }
        let key = Key(pointer: pointer)
        let started = Threads.start {
            let taken = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
                PQcancel(key.pointer, buffer.baseAddress, 256) == 1
            }
            done(taken)
            PQfreeCancel(key.pointer)
            running.wrappingSubtract(1, ordering: .relaxed)
        }
        if !started {
            PQfreeCancel(pointer)
            running.wrappingSubtract(1, ordering: .relaxed)
        }
        return started
    }
}
