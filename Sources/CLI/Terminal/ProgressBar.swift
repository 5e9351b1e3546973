import Foundation
import Synchronization

/// How far long work has come: a bar on a terminal's standard error, nothing anywhere else.
final class ProgressBar: Sendable {
    private let title: String
    private let total: Int
    private let done = Mutex(0)
    private let shown: Bool

    /// - Parameter total: how many steps there are.
    init(_ title: String, total: Int) {
        self.title = title
        self.total = max(total, 1)
        shown = isatty(STDERR_FILENO) == 1 && total > 0
    }

    /// One step more.
    func step() {
        let count = done.withLock { count in
            count += 1
            return count
        }
        draw(count)
    }

    /// So many steps in all.
    func reach(_ count: Int) {
        done.withLock { $0 = count }
        draw(count)
    }

    /// Removes the bar, so that what follows starts on a clean line.
    func finish() {
        guard shown else { return }
        write("\r\u{1B}[K")
    }

    /// The bar at a given count, for example `Migrating  [#####.....]  5/10`.
    func bar(_ count: Int) -> String {
        let width = 30
        let filled = min(width, count * width / total)
        return "\(title)  [\(String(repeating: "#", count: filled))\(String(repeating: ".", count: width - filled))]"
            + "  \(count)/\(total)"
    }

    private func draw(_ count: Int) {
        guard shown else { return }
        write("\r" + bar(count))
    }

    private func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
