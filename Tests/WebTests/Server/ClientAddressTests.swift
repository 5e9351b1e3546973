import Events
import HTTPTypes
import Hummingbird
import Networks
import Synchronization
import TestSupport
import Testing

@testable import Web

@Suite struct ClientAddressTests {
    @Test func `addresses are read strictly and written plainly`() {
        for text in ["192.0.2.7", "::1", "2001:db8::17", "fe80::1"] {
            #expect(NetworkAddress(text)?.description == text)
        }
        #expect(NetworkAddress("::ffff:192.0.2.7")?.description == "192.0.2.7")
        #expect(NetworkAddress("2001:DB8:0:0::17")?.description == "2001:db8::17")
        for text in [
            "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4\0", "fe80::1%eth0",
            ":::",
            "[::1]", "1.2.3.4:80", "localhost", "１.2.3.4",
        ] { #expect(NetworkAddress(text) == nil, "\(text)") }
    }

    @Test func `blocks hold what they say`() throws {
        func holds(_ block: String, _ address: String) throws -> Bool {
            try #require(AddressBlock(block)).contains(try #require(NetworkAddress(address)))
        }
        #expect(try holds("10.0.0.0/8", "10.255.1.2"))
        #expect(try !holds("10.0.0.0/8", "11.0.0.0"))
        #expect(try holds("10.1.2.3/8", "10.0.0.1"))
        #expect(try holds("0.0.0.0/0", "203.0.113.9"))
        #expect(try !holds("0.0.0.0/0", "2001:db8::1"))
        #expect(try holds("192.0.2.1", "::ffff:192.0.2.1"))
        #expect(try !holds("192.0.2.1", "192.0.2.2"))
        #expect(try holds("2001:db8::/32", "2001:db8:ffff::1"))
        #expect(try !holds("2001:db8::/32", "2001:db9::1"))
        for text in [
            "", "/", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "a/8",
        ] {
            #expect(AddressBlock(text) == nil, "\(text)")
        }
    }

    fileprivate static let proxies = TrustedProxies(["10.0.0.0/8", "fd00::/8"].compactMap { AddressBlock($0) })

    fileprivate static func client(
        _ peer: String, _ forwardedFor: [String] = [], forwarded: [String] = [], _ proxies: TrustedProxies = proxies
    ) -> String {
        var fields = HTTPFields()
        for value in forwardedFor { fields.append(.init(name: .xForwardedFor, value: value)) }
        for value in forwarded { fields.append(.init(name: .forwarded, value: value)) }
        return proxies.client(of: fields, peer: peer)
    }

    @Test func `only a trusted proxy is believed, and only as far as trusted proxies wrote`() {
        #expect(Self.client("192.0.2.1", ["198.51.100.7"]) == "192.0.2.1")
        #expect(Self.client("10.0.0.1", ["198.51.100.7"], .none) == "10.0.0.1")
        #expect(Self.client("10.0.0.1") == "10.0.0.1")
        #expect(Self.client("10.0.0.1", ["198.51.100.7"]) == "198.51.100.7")
        #expect(Self.client("::ffff:10.0.0.1", ["198.51.100.7"]) == "198.51.100.7")
        #expect(Self.client("10.0.0.1", ["203.0.113.66, 198.51.100.7, 10.2.3.4"]) == "198.51.100.7")
        #expect(Self.client("10.0.0.1", ["203.0.113.66", "198.51.100.7"]) == "198.51.100.7")
        #expect(Self.client("fd00::1", ["nonsense, 2001:db8::7"]) == "2001:db8::7")
        #expect(Self.client("10.0.0.1", ["10.7.7.7, 10.2.3.4"]) == "10.7.7.7")
        #expect(Self.client("10.0.0.1", ["198.51.100.7:4711"]) == "198.51.100.7")
        #expect(Self.client("10.0.0.1", ["[2001:db8::7]:4711"]) == "2001:db8::7")
        for broken in ["", ",", "198.51.100.7,", "unknown", "198.51.100.7, x", "2001:db8::7:99999x", "[198.51.100.7]"] {
            #expect(Self.client("10.0.0.1", [broken]) == "10.0.0.1", "\(broken)")
        }
    }

    @Test func `Forwarded is read as RFC 7239 writes it`() {
        func client(_ values: String...) -> String { Self.client("10.0.0.1", forwarded: values) }
        #expect(client("for=192.0.2.43") == "192.0.2.43")
        #expect(client("For=\"[2001:db8:cafe::17]:4711\"") == "2001:db8:cafe::17")
        #expect(client("for=192.0.2.60;proto=http;by=203.0.113.43") == "192.0.2.60")
        #expect(client("for=203.0.113.66, for=192.0.2.43 ; proto=https, for=10.9.9.9") == "192.0.2.43")
        #expect(client("for=203.0.113.66", "for=\"192.0.2.43:80\"") == "192.0.2.43")
        #expect(client("for=\"\\192.0.2.43\"") == "192.0.2.43")
        for broken in [
            "", "for", "for=", "for=unknown", "for=_hidden", "proto=https", "for=192.0.2.43;for=192.0.2.44",
            "for=\"192.0.2.43", "for=\"192.0.2.43\"x", "for=[2001:db8::1]", "for=192.0.2.43,", "for=192.0.2.43;",
            "for=\"x, for=192.0.2.43", "192.0.2.43",
        ] { #expect(client(broken) == "10.0.0.1", "\(broken)") }
    }

    @Test func `two headers are believed where they agree`() {
        #expect(Self.client("10.0.0.1", ["192.0.2.43"], forwarded: ["for=192.0.2.43"]) == "192.0.2.43")
        #expect(Self.client("10.0.0.1", ["192.0.2.43"], forwarded: ["for=203.0.113.66"]) == "10.0.0.1")
        #expect(Self.client("10.0.0.1", ["192.0.2.43"], forwarded: ["nonsense"]) == "10.0.0.1")
    }

    @Test func `a request behind a proxy counts as its client's`() async throws {
        try await RunningServer.with(
            proxies: TrustedProxies(AddressBlock.loopback),
            routes: { router in router.get("/who") { _, context in context.peer } }
        ) { server in
            let client = try await RawClient.connect(to: server.port)
            await client.send("GET /who HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.9\r\n\r\n")
            #expect(try await client.answer().body == "192.0.2.9")
            await client.send("GET /who HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await client.answer().body == "127.0.0.1")
        }
    }

    @Test func `one client has so many connections and no more`() async throws {
        let refusals = Mutex(0)
        try await RunningServer.with(
            observers: .init([{ event in if event is ConnectionRefused { refusals.withLock { $0 += 1 } } }]),
            configure: {
                $0.limits.connectionsPerClient = 3
                $0.limits.unlimitedClients = []
            }
        ) { server in
            var clients: [RawClient] = []
            for _ in 0..<3 { clients.append(try await RawClient.connect(to: server.port)) }
            await #expect(throws: (any Error).self) { _ = try await RawClient.connect(to: server.port) }
            #expect(refusals.withLock { $0 } == 1)
            await clients[0].close()
            // the server hears of it a moment later
            var next: RawClient?
            while next == nil { next = try? await RawClient.connect(to: server.port) }
            await next?.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await next?.answer().status == 200)
        }
    }

    @Test func `this computer and trusted proxies may have more`() async throws {
        for proxies in [TrustedProxies.none, TrustedProxies(AddressBlock.loopback)] {
            try await RunningServer.with(
                proxies: proxies,
                configure: {
                    $0.limits.connectionsPerClient = 1
                    if proxies.contains(NetworkAddress("127.0.0.1")!) { $0.limits.unlimitedClients = [] }
                }
            ) { server in
                var clients: [RawClient] = []
                for _ in 0..<4 { clients.append(try await RawClient.connect(to: server.port)) }
                #expect(clients.count == 4)
            }
        }
    }
}

@Suite struct ClientAddressFuzzTests {
    @Test func `whatever the headers hold, there is an address`() {
        let samples = ["for=192.0.2.43;proto=https, for=\"[2001:db8:cafe::17]:4711\"", "198.51.100.7:80, 10.0.0.0/8"]
        let pieces = ["for=", "\"", "[", "]", ":", ";", ",", ".", "\\", " ", "192", "0", "2001", "db8", "::", "/", "_"]
        let fault = Fuzz.faultInText(samples: samples, pieces: pieces) { text in
            for list in [text, "\(text), for=192.0.2.1", "for=\(text)"] {
                _ = TrustedProxies.forwarded(list)
                _ = TrustedProxies.node(list)
                _ = AddressBlock(list)
                let client = ClientAddressTests.client("10.0.0.1", [list], forwarded: [list])
                if NetworkAddress(client) == nil { return false }
            }
            return true
        }
        #expect(fault == nil)
    }
}
