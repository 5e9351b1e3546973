/// Network addresses of one test, each a client of its own. Clients are counted over the whole database, so that tests with
/// the same addresses would stop each other's sign-ins.
public struct TestNetwork: Sendable {
    private let prefix = (0..<2).map { _ in String(UInt16.random(in: 0...(.max)), radix: 16) }.joined(separator: ":")

    /// Addresses nobody else has.
    public init() {}

    /// The address of one client.
    public subscript(client: UInt8) -> String { "2001:\(prefix):\(client)::1" }
}
