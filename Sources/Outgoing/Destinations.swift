import CCurl
import Foundation
import Networks

/// Where requests may go.
///
/// Some addresses are typed by people who must not reach the network behind the server through it. So a request goes to public
/// addresses only, over TLS, unless the operator has named the host or the network. What counts is the address that a socket is
/// opened to, whatever a name meant a moment before.
public struct Destinations: Sendable {
    private let isEverywhere: Bool
    private let hosts: Set<String>
    private let plainHosts: Set<String>
    private let blocks: [AddressBlock]

    private init(isEverywhere: Bool, hosts: Set<String>, plainHosts: Set<String>, blocks: [AddressBlock]) {
        self.isEverywhere = isEverywhere
        self.hosts = hosts
        self.plainHosts = plainHosts
        self.blocks = blocks
    }

    /// Any address, over TLS: for somebody who types where to go on a computer of their own.
    public static let everywhere = Destinations(isEverywhere: true, hosts: [], plainHosts: [], blocks: [])

    /// Public addresses, over TLS.
    public static let publicNetwork = Destinations(isEverywhere: false, hosts: [], plainHosts: [], blocks: [])

    /// Public addresses and what an operator has named besides.
    /// - Parameter entries: hosts (`idp.campus.example`), addresses and CIDR blocks; `http://host` also lets requests go to
    ///   that host without TLS.
    /// - Returns: nil where an entry is none of these.
    public init?(allowing entries: some Sequence<some StringProtocol>) {
        var (hosts, plainHosts, blocks): (Set<String>, Set<String>, [AddressBlock]) = ([], [], [])
        for entry in entries {
            let text = entry.trimmingCharacters(in: .whitespaces).lowercased()
            if let block = AddressBlock(text) {
                blocks.append(block)
                continue
            }
            let isPlain = text.hasPrefix("http://")
            let host = isPlain ? String(text.dropFirst("http://".count)) : text
            guard Self.isHost(host) else { return nil }
            hosts.insert(host)
            if isPlain { plainHosts.insert(host) }
        }
        self.init(isEverywhere: false, hosts: hosts, plainHosts: plainHosts, blocks: blocks)
    }

    private static func isHost(_ text: String) -> Bool {
        let letters = text.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x2e || $0 == 0x5f
        }
        return !text.isEmpty && letters
    }

    /// Whether a request to a host may do without TLS.
    func allowsPlain(host: String) -> Bool { plainHosts.contains(host) }

    /// Whether a socket may be opened to an address for a request to a host.
    func allows(_ address: NetworkAddress, host: String) -> Bool {
        isEverywhere || hosts.contains(host) || blocks.contains { $0.contains(address) } || Self.isPublic(address)
    }

    /// Whether an address belongs to the public network: neither to this computer, nor to a link, nor to a private network, nor
    /// to many at once (IANA's registries of special-purpose addresses).
    static func isPublic(_ address: NetworkAddress) -> Bool {
        if address.isIPv4 { return !specialFour.contains { $0.contains(address) } }
        // an IPv4 address behind a translator (RFC 6052 §2.1)
        if translated.contains(where: { $0.contains(address) }) {
            let four = (0..<4).map { UInt8(truncatingIfNeeded: address.bits >> (24 - 8 * $0)) }
            return NetworkAddress(bytes: four).map(isPublic) ?? false
        }
        return global.contains { $0.contains(address) } && !specialSix.contains { $0.contains(address) }
    }

    private static let translated = ["64:ff9b::/96"].compactMap { AddressBlock($0) }
    private static let global = ["2000::/3"].compactMap { AddressBlock($0) }
    private static let specialFour = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    ].compactMap { AddressBlock($0) }
    private static let specialSix = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]
        .compactMap { AddressBlock($0) }
}
