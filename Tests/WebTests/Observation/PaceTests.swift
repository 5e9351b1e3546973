import Casework
import HTTPTypes
import Synchronization
import Tenancy
import TestSupport
import Testing

@testable import Web

@Suite struct PaceTests {
    private final class Watch: Sendable {
        private let time = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func wait(_ duration: Duration) { time.withLock { $0 += duration } }
    }

    @Test func `what took long is known for half an hour to an hour`() {
        let watch = Watch()
        let pace = Pace(half: .seconds(1_800)) { watch.now }
        pace.add(.seconds(2), of: 1)
        pace.add(.milliseconds(2), of: 2)
        #expect(pace.slowest().map(\.institution) == [1, 2])
        watch.wait(.seconds(1_801))
        pace.add(.seconds(3), of: 1)
        #expect(pace.slowest().first?.times.slow == 2, "of this half hour and the one before")
        watch.wait(.seconds(1_801))
        #expect(pace.slowest().map(\.institution) == [1])
        #expect(pace.slowest().first?.times.requests == 1)
        watch.wait(.seconds(3_601))
        #expect(pace.slowest().isEmpty)
    }

    @Test func `so many institutions are counted, and no more are kept`() {
        let pace = Pace(most: 3)
        for institution in 1...10_000 { pace.add(.seconds(2), of: institution) }
        pace.add(.seconds(2), of: 3)
        #expect(pace.slowest().map(\.institution) == [3, 1, 2])
        #expect(pace.slowest(1).map(\.times.slow) == [2])
    }

    @Test func `a request counts for the institution that its host or its token names, and for nobody on other hosts`()
        async throws
    {
        let place = try await TestInstitution.make()
        let admin = try await place.person("admin")
        let client = place.client(admin)
        _ = try await client.send(.get, "/api/v1/me")
        _ = try await client.send(.get, "/sign-in")
        let id = place.institution.id
        #expect(place.site.pace.slowest().map(\.institution) == [id])
        #expect(place.site.pace.slowest().first?.times.requests == 2)
        _ = try await TestClient(site: place.site, host: "nobody-\(id).localhost").send(.get, "/api/v1/me")
        _ = try await TestClient(site: place.site, host: "localhost").send(.get, "/")
        #expect(place.site.pace.slowest().first?.times.requests == 2)
        _ = try await TestClient(site: place.site, host: "localhost").signedIn(admin.token.text)
            .send(.get, "/api/v1/me")
        #expect(place.site.pace.slowest().first?.times.requests == 3)
    }
}
