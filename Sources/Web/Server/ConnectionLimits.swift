import NIOCore
import Networks

/// How patient the server is with one client, and how much it takes from it.
public struct ConnectionLimits: Sendable {
    /// A connection's TLS handshake and first request head must be there within this.
    public var firstRequestWithin: TimeAmount = .seconds(10)
    /// A connection without a request in progress is closed after this.
    public var idleTimeout: TimeAmount = .seconds(60)
    /// An HTTP/2 connection is told to end after this, also one in use; HTTP/1 clients let go by themselves.
    public var maximumAge: TimeAmount = .hours(1)
    /// How long a polite close (TLS goodbye, HTTP/2 GOAWAY) may take before the connection is cut.
    public var closeWithin: TimeAmount = .seconds(5)
    /// Bytes a second a client must send of a body, or take of an answer, while the server waits for it.
    public var minimumPace = 1_000
    /// How long the pace is not looked at.
    public var grace: TimeAmount = .seconds(10)
    /// The server waits this long in all for one body.
    public var bodyWithin: TimeAmount = .minutes(15)
    /// Bytes of a body that are still read and dropped after its answer was sent, so that the client can read it.
    public var unreadBytes = 32 << 20
    /// Connections at once; more wait in the system's queue.
    public var maximumConnections = 8_192
    /// Connections at once from one client: an IPv4 address, or an IPv6 network of 64 bits. More are closed at once.
    public var connectionsPerClient = 256
    /// Addresses that may have more: this computer. Trusted proxies may too.
    public var unlimitedClients: [AddressBlock] = AddressBlock.loopback
    /// Connections without a request are kept this long after a shutdown began; what they bring is answered 503.
    public var partWithin: TimeAmount = .seconds(1)
    /// Requests in flight at a shutdown may take this long; then their connections are cut, their work is canceled.
    public var shutdownWithin: TimeAmount = .seconds(25)

    /// The defaults.
    public init() {}
}
