import Foundation
import Outgoing

/// Talks to one institution's API over HTTPS.
struct Client: Sendable {
    /// `https://northfield.localhost:8443`, without path.
    let origin: String
    private let certificateAuthority: String?
    private let token: String?
    private let limits: OutgoingRequest.Limits

    /// - Parameters:
    ///   - address: the institution's address; only scheme, host and port count.
    ///   - certificateAuthority: PEM file to trust besides the system's authorities.
    /// - Throws: `Failure` where the address is none.
    init(
        address: String, certificateAuthority: String?, token: String? = nil,
        limits: OutgoingRequest.Limits = .init(connecting: 10, whole: 600, answer: 1_024 << 20)
    ) throws {
        origin = try Self.origin(of: address)
        self.certificateAuthority = certificateAuthority
        self.token = token
        self.limits = limits
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

    /// Sends a request and reads the answer.
    /// - Parameter path: from the root, with query.
    /// - Throws: `Failure` where a part of the request cannot be sent, or the server cannot be reached or trusted, or its answer
    ///   is too long or too slow.
    func send(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> OutgoingAnswer {
        var fields = try headers.map { (name: $0, value: try Self.value($1, of: $0)) }
        if let token { fields.append(("Authorization", "Bearer \(try Self.value(token, of: "the token"))")) }
        let client = HTTPSClient(
            .init(
                destinations: .everywhere, certificateAuthority: certificateAuthority, agent: "waymark-cli",
                usesProxy: true))
        do {
            return try await client.send(
                OutgoingRequest(method, try url(path), headers: fields, body: body, limits: limits))
        } catch let failure as OutgoingFailure {
            throw Failure(explain(failure))
        }
    }

    private func explain(_ failure: OutgoingFailure) -> String {
        switch failure.kind {
        case .untrusted where failure.reason.contains("issuer") || failure.reason.contains("self-signed"):
            "\(origin): its certificate is not signed by an authority known here; give it by --ca FILE"
        case .authorities:
            "\(certificateAuthority ?? "the system's list of authorities") is not a readable PEM certificate"
        case .unreachable: "nothing listens at \(origin)"
        case .slow: "\(origin): \(failure.reason); what was asked for may be done all the same"
        case .silent: "\(origin) does not answer"
        case .tls: "\(origin): no TLS connection: \(failure.reason)"
        case .tooLong: "\(origin): the answer has more than \(limits.answer >> 20) MiB"
        default: "\(origin): \(failure.reason)"
        }
    }
}
