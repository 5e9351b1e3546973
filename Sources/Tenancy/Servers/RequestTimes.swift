/// How long requests took: how many of each size.
public struct RequestTimes: Sendable, Equatable {
    /// Upper ends of the sizes, in seconds; the last size has none. Servers of several versions write into one table, so they stay.
    static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
    /// From so many seconds on a request counts as slow.
    public static let slowFrom = 1.0

    /// How many of each size, in the order of `bounds`, then those beyond. One place is left over.
    private var counts: SIMD16<UInt32> = .zero

    /// No requests.
    public init() {}

    /// Counts one.
    public mutating func add(_ duration: Duration) {
        let seconds = duration / .seconds(1)
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] &+= 1
    }

    /// Counts those of another too.
    public mutating func add(_ other: RequestTimes) { counts &+= other.counts }

    /// How many there were.
    public var requests: Int { sum(from: 0) }

    /// How many took longer than `slowFrom`.
    public var slow: Int { sum(from: Self.bounds.count { $0 <= Self.slowFrom }) }

    /// Half of them took at most so many seconds, as exactly as the sizes tell; nil where there were none.
    public var median: Double? {
        let half = Double(requests) / 2
        guard half > 0 else { return nil }
        var before = 0.0
        var lower = 0.0
        for (index, upper) in Self.bounds.enumerated() {
            let here = Double(counts[index])
            if before + here >= half { return lower + (upper - lower) * (half - before) / max(here, 1) }
            before += here
            lower = upper
        }
        return lower
    }

    /// Whether these are slower: more slow ones, else a longer median.
    func isSlower(than other: RequestTimes) -> Bool {
        (slow, median ?? 0) > (other.slow, other.median ?? 0)
    }

    private func sum(from first: Int) -> Int {
        // sixteen numbers below 2³² fit
        (first...Self.bounds.count).reduce(0) { $0 + Int(counts[$1]) }
    }
}

extension RequestTimes: Codable {
    /// Reads sixteen counts.
    /// - Throws: `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        counts = try SIMD16(from: decoder)
    }

    /// Writes sixteen counts.
    public func encode(to encoder: any Encoder) throws {
        try counts.encode(to: encoder)
    }
}

/// How long one institution's requests took.
public struct InstitutionTimes: Sendable, Codable, Equatable {
    /// The institution's number.
    public let institution: Int
    /// What its requests took.
    public var times: RequestTimes

    /// - Parameter institution: its number.
    public init(institution: Int, times: RequestTimes) {
        self.institution = institution
        self.times = times
    }
}

extension Sequence<InstitutionTimes> {
    /// The slowest, the slowest first; each institution once, whatever stands of it in several places.
    public func slowest(_ most: Int) -> [InstitutionTimes] {
        var all: [Int: RequestTimes] = [:]
        for one in self { all[one.institution, default: RequestTimes()].add(one.times) }
        let sorted = all.sorted { $0.value.isSlower(than: $1.value) || $0.value == $1.value && $0.key < $1.key }
        return sorted.prefix(most).map { InstitutionTimes(institution: $0, times: $1) }
    }
}
