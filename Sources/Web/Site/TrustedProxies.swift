import HTTPTypes
import Networks

/// Reverse proxies whose word is taken for who sent a request.
///
/// A proxy adds the address it got a request from to `Forwarded` (RFC 7239) or `X-Forwarded-For`; whatever stood there
/// before may be a client's invention. So the lists are read from their end, and as far as trusted proxies wrote them.
public struct TrustedProxies: Sendable {
    private let blocks: [AddressBlock]

    /// Nobody is believed.
    public static let none = TrustedProxies([])

    /// - Parameter blocks: where proxies are.
    public init(_ blocks: [AddressBlock]) {
        self.blocks = blocks
    }

    func contains(_ address: NetworkAddress) -> Bool {
        blocks.contains { $0.contains(address) }
    }

    /// The client's address: the peer's own, unless the peer is a trusted proxy that names another. What is malformed,
    /// or says two things, is not believed: a proxy writes one of the headers and may pass on the other as it came.
    func client(of headers: HTTPFields, peer: String) -> String {
        guard !blocks.isEmpty, let address = NetworkAddress(peer), contains(address) else { return peer }
        var named: Set<NetworkAddress?> = []
        if headers.contains(.forwarded) {
            named.insert(Self.forwarded(headers[values: .forwarded].joined(separator: ",")).flatMap(client(behind:)))
        }
        if headers.contains(.xForwardedFor) {
            let list = headers[values: .xForwardedFor].joined(separator: ",")
            named.insert(client(behind: list.split(separator: ",", omittingEmptySubsequences: false).map(Self.node)))
        }
        guard named.count == 1, let client = named.first ?? nil else { return peer }
        return client.description
    }

    /// The first address from the nearest on that is no trusted proxy; the farthest where all are.
    private func client(behind nodes: [NetworkAddress?]) -> NetworkAddress? {
        var farthest: NetworkAddress?
        for node in nodes.reversed() {
            guard let node else { return nil }
            if !contains(node) { return node }
            farthest = node
        }
        return farthest
    }

    /// An address, with or without a port; one of IPv6 with a port in brackets. Nil for `unknown`, names and all else.
    static func node(_ text: some StringProtocol) -> NetworkAddress? {
        let text = text.trimmingSpaces
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || isPort(rest) else { return nil }
            let inside = text[..<end].dropFirst()
            return inside.contains(":") ? NetworkAddress(inside) : nil
        }
        if let whole = NetworkAddress(text) { return whole }
        guard let colon = text.lastIndex(of: ":"), isPort(text[colon...]), !text[..<colon].contains(":") else {
            return nil
        }
        return NetworkAddress(text[..<colon])
    }

    private static func isPort(_ text: some StringProtocol) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.utf8.first == 0x3a && (1...5).contains(digits.count)
            && digits.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// The `for` of each element, in order; nil where the header breaks the grammar of RFC 7239, section 4.
    static func forwarded(_ text: String) -> [NetworkAddress?]? {
        var nodes: [NetworkAddress?] = []
        guard let elements = pieces(of: text, at: ",") else { return nil }
        for element in elements {
            var source: String?
            for pair in pieces(of: element, at: ";") ?? [] {
                let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard halves.count == 2, let value = value(halves[1].trimmingSpaces) else { return nil }
                guard halves[0].trimmingSpaces.lowercased() == "for" else { continue }
                guard source == nil else { return nil }
                source = value
            }
            guard let source else { return nil }
            nodes.append(node(source))
        }
        return nodes
    }

    /// A token or a quoted string, without its quotes and backslashes.
    private static func value(_ text: String) -> String? {
        guard text.hasPrefix("\"") else {
            let isToken = !text.isEmpty && !text.contains { " \t\"\\(),/:;<=>?@[]{}".contains($0) }
            return isToken ? text : nil
        }
        var value = ""
        var isEscaped = false
        for (offset, character) in text.dropFirst().enumerated() {
            if isEscaped {
                value.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                return offset == text.count - 2 ? value : nil
            } else {
                value.append(character)
            }
        }
        return nil
    }

    /// Splits where a separator stands outside quotes; nil where a quote is not closed.
    private static func pieces(of text: String, at separator: Character) -> [String]? {
        var pieces = [""]
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if character == separator, !isQuoted {
                pieces.append("")
                continue
            }
            if character == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = isQuoted && character == "\\" && !isEscaped
            pieces[pieces.count - 1].append(character)
        }
        return isQuoted ? nil : pieces
    }
}

extension HTTPField.Name {
    static let forwarded = HTTPField.Name("Forwarded")!
    static let xForwardedFor = HTTPField.Name("X-Forwarded-For")!
}
