// What `Tests/Race/run` tries first: threads that take turns, hand something on by a continuation, or do neither.
import Foundation
import Synchronization

final class Cell: @unchecked Sendable {
    var number = 0
    let turn = Mutex(())
    let done = Mutex(0)

    /// Has two threads do something many times, to the end.
    func twice(_ body: @escaping @Sendable (Cell) -> Void) {
        for _ in 0..<2 { Thread { [self] in work(body) }.start() }
        while done.withLock({ $0 }) < 2 { usleep(1_000) }
    }

    private func work(_ body: (Cell) -> Void) {
        for _ in 0..<100_000 { body(self) }
        done.withLock { $0 += 1 }
    }
}

/// A number set by a thread that resumes at once, or when it is long waited for.
func handOver(waitedFor isWaitedFor: Bool) async {
    let cell = await withCheckedContinuation { (continuation: CheckedContinuation<Cell, Never>) in
        Thread {
            let cell = Cell()
            if isWaitedFor { usleep(2_000) }
            cell.number = 1
            continuation.resume(returning: cell)
        }.start()
        if !isWaitedFor { usleep(2_000) }
    }
    cell.number += 1
}

if CommandLine.arguments.contains("race") {
    Cell().twice { $0.number += 1 }
} else {
    Cell().twice { cell in cell.turn.withLock { _ in cell.number += 1 } }
    for time in 0..<100 { await handOver(waitedFor: time.isMultiple(of: 2)) }
}
