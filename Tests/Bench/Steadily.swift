import Casework
import Foundation

/// What some requests took, in milliseconds, and what the refused ones were answered.
struct Times: CustomStringConvertible {
    private var sorted: [Double] = []
    private var refused: [Substring] = []

    /// - Parameter lines: of each request its status and its seconds.
    fileprivate init(_ lines: [Substring]) {
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count == 2, words[0].hasPrefix("2"), let seconds = Double(words[1]) else {
                refused.append(line)
                continue
            }
            sorted.append(seconds * 1_000)
        }
        sorted.sort()
    }

    func percentile(_ part: Int) -> Double {
        sorted.isEmpty ? .nan : sorted[(sorted.count * part + 99) / 100 - 1]
    }

    var description: String {
        let numbers = [50, 99].map { "p\($0) " + String(format: "%.1f ms", percentile($0)) }
        let answers = refused.isEmpty ? "" : " (\(Set(refused).sorted().joined(separator: "; ")))"
        return numbers.joined(separator: ", ")
            + ", \(refused.count) of \(sorted.count + refused.count) refused\(answers)"
    }
}

extension Bench {
    /// Requests at a steady rate over one connection, from an address of its own.
    /// - Parameters:
    ///   - paths: asked for in turn.
    ///   - arguments: of curl, for each request.
    static func steadily(
        _ slug: String, _ port: Int, paths: [String], count: Int, perSecond: Int, _ directory: URL,
        _ arguments: [String]
    ) async throws -> Times {
        let list = directory.appendingPathComponent("\(UUID().uuidString).curl")
        try (0..<count).map { number in
            """
            url = "https://\(slug).localhost:\(port)\(paths[number % paths.count])"
            output = "/dev/null"

            """
        }.joined().write(to: list, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: list) }
        let text = try await tool(
            "curl",
            [
                "-sk", "--http1.1", "--interface", "127.0.0.2", "--resolve", "\(slug).localhost:\(port):127.0.0.1",
                "--rate", "\(perSecond)/s", "-w", "%{http_code} %{time_total}\n", "-K", list.path,
            ] + arguments)
        return Times(text.split(separator: "\n"))
    }

    /// curl's arguments for signing in.
    static func signingIn(_ name: String, _ password: String) -> [String] {
        [
            "-H", "Content-Type: application/json", "-d",
            "{\"email\":\"\(name)@example.edu\",\"password\":\"\(password)\"}",
        ]
    }

    /// curl's arguments for what somebody who is signed in asks for.
    static func carrying(_ token: SessionToken) -> [String] { ["-H", "Authorization: Bearer \(token.text)"] }

    /// Does something again and again while something else is measured.
    static func during<T: Sendable>(
        _ load: [@Sendable () async throws -> Void], _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in load { group.addTask { while !Task.isCancelled { try await part() } } }
            try await Task.sleep(for: .seconds(2))
            let found = try await body()
            group.cancelAll()
            return found
        }
    }
}
