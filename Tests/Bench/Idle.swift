import Foundation

extension Bench {
    /// (h) What idle TLS connections cost this process in memory, and what it keeps of that once they are closed.
    static func idle(_ stage: Stage, port: Int, count: Int) async throws -> [Line] {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("idle.py")
        let text = try await tool(
            "python3", [script.path, "\(port)", "\(ProcessInfo.processInfo.processIdentifier)", "\(count)"])
        let figures = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard figures.count == 4 else { throw ToolFailure(description: "idle.py said: \(text)") }
        let (before, half, all, after) = (figures[0], figures[1], figures[2], figures[3])
        func line(_ what: String, _ memory: Double, _ aim: Double) -> Line {
            let each = memory / Double(count)
            return Line(
                what: "(h) memory of idle TLS connections: \(what)", ours: String(format: "%.1f kB each", each),
                baseline: String(format: "%.0f kB", aim), ratio: each / aim, aim: "≤ 1")
        }
        return [
            line("the first \(count)", half - before, 35), line("the next \(count)", all - half, 35),
            line("of all \(2 * count), after closing", (after - before) / 2, 35),
        ]
    }
}
