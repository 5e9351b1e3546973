import Foundation

/// An IPv4 or IPv6 address; one that was mapped from IPv4 to IPv6 is the IPv4 address it stands for.
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// 128 bits; an IPv4 address is `::ffff:a.b.c.d`.
    public let bits: UInt128
    /// Whether it is an IPv4 address.
    public var isIPv4: Bool { bits >> 32 == 0xFFFF }

    /// - Parameter text: an address and nothing else: no port, no brackets, no zone.
    public init?(_ text: some StringProtocol) {
        let isPlain = text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) || $0 == 0x2e || $0 == 0x3a
        }
        // the longest: 0000:0000:0000:0000:0000:ffff:255.255.255.255
        guard isPlain, text.utf8.count <= 45 else { return nil }
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, String(text), &four) == 1 {
            bits = 0xFFFF << 32 | UInt128(UInt32(bigEndian: four.s_addr))
        } else if inet_pton(AF_INET6, String(text), &six) == 1 {
            bits = withUnsafeBytes(of: &six) { $0.reduce(0) { $0 << 8 | UInt128($1) } }
        } else {
            return nil
        }
    }

    /// - Parameter bytes: 4 or 16, as they travel.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        bits = bytes.reduce(bytes.count == 4 ? 0xFFFF : 0) { $0 << 8 | UInt128($1) }
    }

    /// As it is usually written.
    public var description: String {
        let bytes = (0..<16).map { UInt8(truncatingIfNeeded: bits >> (120 - 8 * $0)) }
        if isIPv4 { return bytes.suffix(4).map(String.init).joined(separator: ".") }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// Neighboring addresses: `10.0.0.0/8`, `2001:db8::/32`, or a single one.
public struct AddressBlock: Hashable, Sendable {
    private let first: UInt128
    private let mask: UInt128

    /// This computer: `127.0.0.0/8` and `::1`.
    public static let loopback = ["127.0.0.0/8", "::1"].compactMap { AddressBlock($0) }

    /// - Parameter text: an address, or an address, a slash and the number of leading bits that matter.
    public init?(_ text: some StringProtocol) {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let start = halves.first, let address = NetworkAddress(start) else { return nil }
        let width = address.isIPv4 ? 32 : 128
        var length = width
        if halves.count == 2 {
            let digits = halves[1].utf8
            guard digits.count <= 3, digits.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(String(halves[1])), number <= width
            else { return nil }
            length = number
        }
        self.init(around: address, host: width - length)
    }

    /// The block an address lies in.
    /// - Parameter host: how many of its last bits do not matter.
    public init(around address: NetworkAddress, host: Int) {
        mask = .max << host
        first = address.bits & mask
    }

    /// Whether an address lies in it.
    public func contains(_ address: NetworkAddress) -> Bool {
        address.bits & mask == first
    }
}
