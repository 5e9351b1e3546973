import Casework
import Foundation
import Tenancy

extension Bench {
    /// (j) What staff wait for: the queue's first page with 5,000 requests, and the first page of 20,000 students in each
    /// order, as an admin and as a director who oversees them all; one request after another.
    static func caseload(_ stage: Stage, address: String, time: Int) async throws -> [Line] {
        var tokens: [String: SessionToken] = [:]
        for role in ["admin", "director", "staff"] {
            tokens[role] = try await Stage.session(of: role, at: stage.institution, migrator: stage.migrator)
        }
        func median(_ role: String, _ path: String) async throws -> Double {
            let script = requests(tokens: [("bench", tokens[role]?.text ?? "")], path: path, byCookie: true)
            _ = try await wrk(address, seconds: 1, script: script, connections: 1, directory: stage.directory)
            return try await wrk(
                address, seconds: max(time / 2, 2), script: script, connections: 1, directory: stage.directory
            ).median
        }
        func line(_ what: String, _ times: [(role: String, median: Double)]) -> Line {
            let worst = times.map(\.median).max() ?? .nan
            return Line(
                what: "(j) first page of \(what)",
                ours: times.map { "\($0.role) \(String(format: "%.1f ms", $0.median))" }.joined(separator: ", "),
                baseline: "100 ms", ratio: worst / 100, aim: "≤ 1")
        }
        var lines = [line("5,000 requests", [("staff", try await median("staff", "/queue"))])]
        for order in StudentOrder.Column.allCases {
            let text = StudentOrder(order, descending: order.startsDescending).text
            var times: [(String, Double)] = []
            for role in ["admin", "director"] {
                times.append((role, try await median(role, "/students?sort=\(text)")))
            }
            lines.append(line("20,000 students by \(text)", times))
        }
        return lines
    }
}
