import Foundation
import Postgres
import PrivatePostgres
import Tenancy
import TestSupport

/// A server of its own that writes down the plan of every statement it has run, and a database on it.
struct PlanLog {
    struct Plan {
        /// Query and plan, as the log has them.
        let text: String
        /// The lines of the plan.
        let nodes: [Substring]

        /// Whether a node that ran reads all rows of a table.
        func readsWhole(_ table: String) -> Bool {
            nodes.contains {
                $0.firstRange(of: "Seq Scan on \(table) ") != nil && !$0.contains("(never executed)")
            }
        }
    }

    let database: TestDatabase.Prepared
    private let server: PrivateServer
    private let directory: String
    private let log: FileHandle

    static func start() async throws -> PlanLog {
        let (server, directory) = TestServer.make(options: [
            "shared_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0",
            "auto_explain.log_analyze": "on", "auto_explain.log_timing": "off", "log_line_prefix": "",
        ])
        let database = try await TestDatabase.prepare(server: server.start())
        guard let log = FileHandle(forReadingAtPath: directory + "/log") else { throw CocoaError(.fileNoSuchFile) }
        return PlanLog(database: database, server: server, directory: directory, log: log)
    }

    func stop() async {
        await database.deployment.close()
        await database.migrator.close()
        server.kill()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// What the server has written down since the last call.
    func text() throws -> String { String(decoding: try log.readToEnd() ?? Data(), as: UTF8.self) }

    /// The plans since the last call, but for entering: continued lines of the log begin with a tab.
    func plans() throws -> [Plan] {
        try text().replacing("\n\t", with: "\u{1}").split(separator: "\n").filter { $0.contains("  plan:") }
            .map { String($0).replacing("\u{1}", with: "\n") }
            .filter { !$0.contains(#/select inst_\d+\.enter/#) }
            .map { entry in
                let lines = entry.split(separator: "\n")
                let start = lines.firstIndex { $0.contains("(cost=") } ?? lines.endIndex
                return Plan(text: entry, nodes: Array(lines[start...]))
            }
    }
}
