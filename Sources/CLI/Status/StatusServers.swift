import Foundation
import Tenancy

/// The processes of a deployment, one by one.
struct StatusServers {
    /// One of them.
    struct Server: Encodable {
        let program: String
        let host: String
        let pid: Int
        let version: String
        /// `serving`, `working`; `draining`: it finishes what it has begun; `silent`: it has said nothing for three minutes.
        let state: String
        /// For how many seconds it has been running, and how many ago it said so.
        let upSeconds, silentSeconds: Int
    }

    let all: [Server]

    init(_ servers: [ServerOverview]) {
        all = servers.map {
            Server(
                program: $0.program, host: $0.host, pid: $0.pid, version: $0.version, state: Self.state(of: $0),
                upSeconds: $0.upSeconds, silentSeconds: $0.silentSeconds)
        }
    }

    /// One for each, of many the first dozen: all of it is to stay one screen.
    var lines: [String] {
        guard !all.isEmpty else { return ["none has said within an hour that it runs"] }
        let shown = all.prefix(12).map {
            "\($0.program) on \($0.host) (\($0.pid)), \($0.version): \($0.state), up for "
                + "\(Table.span($0.upSeconds)), seen \(Table.span($0.silentSeconds)) ago"
        }
        return all.count > shown.count ? shown + ["and \(all.count - shown.count) more: --json"] : shown
    }

    /// It speaks once a minute, so after three something holds it up, or it was killed.
    private static func state(of server: ServerOverview) -> String {
        if server.silentSeconds > 180 { return "silent" }
        if server.isDraining { return "draining" }
        return server.program == "work" ? "working" : "serving"
    }
}

/// The institutions whose requests took longest in the last half to whole hour, at all servers together.
struct StatusPace {
    /// One of them.
    struct Institution: Encodable {
        let slug: String
        let requests: Int
        /// How many took over a second.
        let slow: Int
        /// Half of them took at most so long, about.
        let medianSeconds: Double?
    }

    let all: [Institution]

    init(_ overview: DeploymentOverview) {
        let slugs = Dictionary(overview.institutions.map { ($0.institution.id, $0.institution.slug) }) { $1 }
        all = overview.servers.flatMap(\.slowest).slowest(10).compactMap { one in
            slugs[one.institution].map {
                Institution(
                    slug: $0, requests: one.times.requests, slow: one.times.slow, medianSeconds: one.times.median)
            }
        }
    }

    /// One for each of the first five.
    var lines: [String] {
        guard !all.isEmpty else { return ["no requests of late"] }
        return all.prefix(5).map { one in
            let share = Double(one.slow) / Double(max(one.requests, 1)) * 100
            return "\(one.slug): \(one.requests) requests, half within \(Self.time(one.medianSeconds ?? 0)), "
                + "\(one.slow) (\(Self.number(share)) %) over a second"
        }
    }

    /// `3 ms`, `1.2 s`
    private static func time(_ seconds: Double) -> String {
        seconds < 1 ? "\(Self.number(seconds * 1_000)) ms" : "\(Self.number(seconds)) s"
    }

    /// With one digit behind the point below ten.
    private static func number(_ value: Double) -> String {
        value.formatted(
            .number.precision(.fractionLength(value > 0 && value < 10 ? 1 : 0)).grouping(.never).locale(
                Locale(identifier: "en")))
    }
}

/// `waymark status --json`: a text for each line, and lists of servers and institutions.
struct StatusDocument: Encodable {
    let lines: [String: String]
    let servers: StatusServers
    let slowest: StatusPace

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for (name, text) in lines { try container.encode(text, forKey: Key(stringValue: name)) }
        try container.encode(servers.all, forKey: Key(stringValue: "servers"))
        try container.encode(slowest.all, forKey: Key(stringValue: "slowest"))
    }
}
