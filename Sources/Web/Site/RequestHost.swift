/// The host a request is for.
enum RequestHost: Equatable {
    /// The first label below the site's domain.
    case institution(String)
    /// The domain itself.
    case bare
    /// Somebody else's name, or an address.
    case foreign

    /// - Parameter authority: host and optional port, as the client sent it; nil where it is not a valid authority.
    init?(authority: String, domain: String) {
        guard authority.utf8.count <= 260,
            authority.utf8.allSatisfy({
                ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || $0 == 0x2d || $0 == 0x2e
                    || $0 == 0x3a || $0 == 0x5b || $0 == 0x5d || $0 == 0x5f
            })
        else { return nil }
        var host = authority.lowercased()[...]
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            host = host[...end]
        } else if let colon = host.firstIndex(of: ":") {
            let port = host[host.index(after: colon)...]
            guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            host = host[..<colon]
        }
        guard !host.isEmpty else { return nil }
        if host == domain {
            self = .bare
        } else if host.hasSuffix("." + domain), case let label = host.dropLast(domain.count + 1), !label.contains(".") {
            self = .institution(String(label))
        } else {
            self = .foreign
        }
    }
}
