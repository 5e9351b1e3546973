import Casework
import Foundation
import ServiceLifecycle

/// Keeps what idle and closed connections cost in memory low, as far as glibc's malloc lets itself be told.
///
/// A TLS connection holds buffers of 32 and 16 KiB of which it touches little; mapped one by one, only touched pages
/// count. And between what is in use malloc keeps free pages for good, 120 MiB after 2,000 connections, until it is told
/// to give them back: that takes milliseconds, so it is told after many connections came or went.
struct MemoryReturn: Service {
    let turnover: ConnectionTurnover
    var pause = Duration.seconds(10)
    private static let least = 200

    func run() async throws {
        // neither is in Swift's Glibc module, nor in other C libraries
        guard let trim = dlsym(nil, "malloc_trim"), let tune = dlsym(nil, "mallopt") else {
            return try await gracefulShutdown()
        }
        let giveBack = unsafeBitCast(trim, to: (@Sendable @convention(c) (Int) -> Int32).self)
        let set = unsafeBitCast(tune, to: (@convention(c) (Int32, Int32) -> Int32).self)
        let mappedFrom: Int32 = -3  // M_MMAP_THRESHOLD
        _ = set(mappedFrom, 16 << 10)
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: pause)) != nil {
                HashingMemory.giveBack()
                if turnover.reached(Self.least) { _ = giveBack(0) }
            }
        }
    }
}
