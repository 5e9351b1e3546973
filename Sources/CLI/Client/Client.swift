import Foundation

/// Talks to one institution's API over HTTPS.
struct Client: Sendable {
    /// `https://northfield.localhost:8443`, without path.
    let origin: String
    private let certificateAuthority: String?
    private let token: String?

    /// An answer, read whole.
    struct Answer: Sendable {
        /// The HTTP status.
        let status: Int
        /// Header fields, names in lower case.
        let headers: [(name: String, value: String)]
        /// The body, as it came.
        let body: [UInt8]

        /// The first value of a header field.
        func header(_ name: String) -> String? {
            headers.first { $0.name == name }?.value
        }
    }

    /// - Parameters:
    ///   - address: the institution's address; only scheme, host and port count.
    ///   - certificateAuthority: PEM file to trust besides the system's authorities.
    /// - Throws: `Failure` where the address is none.
    init(address: String, certificateAuthority: String?, token: String? = nil) throws {
        origin = try Self.origin(of: address)
        self.certificateAuthority = certificateAuthority
        self.token = token
    }

    /// Scheme, host and port of an address, in one spelling.
    /// - Throws: `Failure` where it is not an https address.
    static func origin(of address: String) throws -> String {
        let text = address.contains("://") ? address : "https://" + address
        let refusal = Failure("\(address) is not an address like https://northfield.example")
        guard let url = URLComponents(string: text), url.scheme?.lowercased() == "https",
            let host = url.host?.lowercased(), !host.isEmpty, url.user == nil
        else { throw refusal }
        let port = url.port == 443 ? nil : url.port
        let origin = "https://\(host)\(port.map { ":\($0)" } ?? "")"
        // `%0e` in a host is read as the character it stands for, which no address holds
        guard URLComponents(string: origin)?.host?.lowercased() == host else { throw refusal }
        return origin
    }

    /// A header field's value as it was given.
    /// - Parameter source: where it comes from, for people: `--if-match`.
    /// - Throws: `Failure` where libcurl would leave the field out, or send more lines than one.
    static func value(_ text: String, of source: String) throws -> String {
        guard text.utf8.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { throw Failure("\(source) is empty") }
        guard text.utf8.allSatisfy({ ($0 >= 0x20 || $0 == 0x09) && $0 != 0x7f }) else {
            throw Failure("\(source) has a control character")
        }
        return text
    }

    /// The address of a path, its spaces and letters outside ASCII escaped.
    /// - Throws: `Failure` where it cannot be one.
    func url(_ path: String) throws -> String {
        guard let url = URL(string: origin + path) else { throw Failure("\(path) is not a path of an address") }
        return url.absoluteString
    }

    /// Sends a request and reads the answer; waits for both.
    /// - Parameter path: from the root, with query.
    /// - Throws: `Failure` where a part of the request cannot be sent, or the server cannot be reached or trusted.
    func send(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) throws -> Answer {
        var fields = try headers.map { "\($0): \(try Self.value($1, of: $0))" } + ["User-Agent: waymark-cli"]
        if let token { fields.append("Authorization: Bearer \(try Self.value(token, of: "the token"))") }
        let transfer = try Transfer(origin: origin, certificateAuthority: certificateAuthority)
        return try transfer.perform(method, try url(path), fields: fields, body: body ?? [])
    }
}
