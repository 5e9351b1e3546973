import Foundation
import TestSupport
import Testing

@testable import Tenancy

private func times(_ milliseconds: Int...) -> RequestTimes {
    var times = RequestTimes()
    for one in milliseconds { times.add(.milliseconds(one)) }
    return times
}

@Suite struct RequestTimesTests {
    @Test func `requests are counted by size, and half of them tell the median`() throws {
        #expect(times().median == nil && times().requests == 0)
        let some = times(3, 20, 20, 20, 1_000, 1_001, 60_000)
        #expect(some.requests == 7 && some.slow == 2, "a second is not over a second")
        let median = try #require(some.median)
        #expect(median > 0.01 && median <= 0.025)
        #expect(times(60_000).median == 30, "beyond the last bound nothing more is known")
        var both = some
        both.add(some)
        #expect(both.requests == 14 && both.slow == 4 && both.median == some.median)
    }

    @Test func `the slowest come first, and each once`() {
        let list = [
            InstitutionTimes(institution: 1, times: times(1, 1, 1)),
            InstitutionTimes(institution: 2, times: times(2_000, 1, 1, 1, 1)),
            InstitutionTimes(institution: 3, times: times(400)),
            InstitutionTimes(institution: 1, times: times(3_000, 4_000)),
        ]
        #expect(list.slowest(10).map(\.institution) == [1, 2, 3])
        #expect(list.slowest(1) == [InstitutionTimes(institution: 1, times: times(1, 1, 1, 3_000, 4_000))])
    }
}

@Suite struct RequestTimesFuzzTests {
    @Test func `no text of the table traps its reader`() throws {
        let sample = String(
            decoding: try JSONEncoder().encode([InstitutionTimes(institution: 7, times: times(20, 2_000))]),
            as: UTF8.self)
        #expect(sample.contains(#""institution":7"#))
        let full = sample.replacing(",0", with: ",4294967295")
        let fault = Fuzz.fault(samples: [sample, full], pieces: ["[", "]", "-1", "4294967296", "1e99", ","]) {
            bytes, _ in
            let read = (try? JSONDecoder().decode([InstitutionTimes].self, from: Data(bytes))) ?? []
            return (read + read).slowest(10).allSatisfy { $0.times.requests >= $0.times.slow }
        }
        #expect(fault == nil)
    }
}
