import Foundation
import Postgres

/// What a process says of itself, once a minute, so that the operator sees each of them (`waymark.servers`).
public struct ServerNote: Sendable {
    /// Which command it runs.
    public enum Program: String, Sendable {
        /// It answers requests.
        case serve
        /// It does background work.
        case work
    }

    private let id = UUID().uuidString
    private let start = ContinuousClock.now
    private let program: Program
    private let host: String
    private let version: String

    /// - Parameters:
    ///   - host: the computer's name, cut after 255 characters.
    ///   - version: the program's.
    public init(_ program: Program, host: String, version: String) {
        self.program = program
        self.host = host.isEmpty ? "?" : String(host.unicodeScalars.prefix(255))
        self.version = version
    }

    /// Writes the row, and takes away those of processes that were killed.
    func statements(isDraining: Bool, slowest: [InstitutionTimes]) throws -> [Statement] {
        let times = String(decoding: try JSONEncoder().encode(slowest), as: UTF8.self)
        let age = (ContinuousClock.now - start) / .seconds(1)
        let row: SQL = """
            insert into waymark.servers (id, program, host, pid, version, started_at, draining, slowest)
            values (\(id)::text::uuid, \(program.rawValue), \(host), \(Int(ProcessInfo.processInfo.processIdentifier))::int,
                    \(version), now() - make_interval(secs => \(age)), \(isDraining), \(times)::text::jsonb)
            on conflict (id) do update set seen_at = now(), draining = \(isDraining), slowest = \(times)::text::jsonb
            """
        return [Statement("delete from waymark.servers where seen_at < now() - interval '1 hour'"), Statement(row)]
    }

    /// Takes the row away.
    var end: Statement { Statement("delete from waymark.servers where id = \(id)::text::uuid") }
}

/// A process as it said of itself last.
public struct ServerOverview: Sendable, RowDecodable {
    static let all: SQL = """
        select program, host, pid, version, draining, slowest::text, extract(epoch from now() - started_at)::bigint as up,
               extract(epoch from now() - seen_at)::bigint as silent
          from waymark.servers where seen_at > now() - interval '1 hour' order by program, host, pid
        """

    /// `serve` or `work`.
    public let program: String
    /// The computer it runs on.
    public let host: String
    /// Its number there.
    public let pid: Int
    /// The program's version.
    public let version: String
    /// Whether it finishes what it has begun, and then ends.
    public let isDraining: Bool
    /// For how many seconds it has been running.
    public let upSeconds: Int
    /// How many seconds ago it said so.
    public let silentSeconds: Int
    /// The institutions whose requests took it longest of late; empty where that cannot be read.
    public let slowest: [InstitutionTimes]

    /// What the columns say. Seconds below zero, where a clock was put right, are zero.
    public init(row: Row) throws {
        program = try row.get("program")
        host = try row.get("host")
        pid = try row.get("pid")
        version = try row.get("version")
        isDraining = try row.get("draining")
        upSeconds = max(0, try row.get("up"))
        silentSeconds = max(0, try row.get("silent"))
        let text: String = try row.get("slowest")
        slowest = (try? JSONDecoder().decode([InstitutionTimes].self, from: Data(text.utf8))) ?? []
    }
}
