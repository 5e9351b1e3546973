import FoundationEssentials
import Testing

@testable import Casework

@Suite struct InstantTests {
    @Test(arguments: [
        ("2026-12-01T09:30:00Z", 1_796_117_400.0), ("2026-12-01t09:30:00z", 1_796_117_400.0),
        ("2026-12-01T23:30:00+14:00", 1_796_117_400.0),
        ("2026-12-01T01:00:00-08:30", 1_796_117_400.0), ("2026-12-01T09:30:00.5Z", 1_796_117_400.5),
        ("1970-01-01T00:00:00+00:01", -60.0),
        ("2024-02-29T00:00:00Z", 1_709_164_800.0),
    ])
    func `reads RFC 3339 with any offset`(text: String, seconds: Double) {
        #expect(Instant.date(parsing: text) == Date(timeIntervalSince1970: seconds))
    }

    @Test(arguments: [
        "", "2026-12-01", "2026-12-01T09:30:00", "2026-12-01T09:30Z", "2026-02-30T00:00:00Z", "2026-12-01T24:00:00Z",
        "2026-12-01T09:60:00Z",
        "2026-12-01T09:30:60Z", "2026-12-01T09:30:00.Z", "2026-12-01T09:30:00+1400", "2026-12-01T09:30:00+24:00",
        "2026-12-01T09:30:00Zx",
        "0000-01-01T00:00:00Z", "infinity", "2026-12-01T٠٩:30:00Z",
        "2026-12-01T09:30:00." + String(repeating: "1", count: 100) + "Z",
    ])
    func `refuses all else`(text: String) {
        #expect(Instant.date(parsing: text) == nil)
    }
}
