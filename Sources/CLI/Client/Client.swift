import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

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

    /// Sends a request and reads the answer.
    /// - Parameter path: from the root, with query.
    /// - Throws: `Failure` where the server cannot be reached or trusted.
    func send(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: origin + path)
        request.method = HTTPMethod(rawValue: method)
        request.headers.add(name: "User-Agent", value: "waymark-cli")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(body) }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: try configuration())
        do {
            let response = try await client.execute(request, timeout: .seconds(600))
            let bytes = try await response.body.collect(upTo: 1 << 30)
            try await client.shutdown()
            return Answer(
                status: Int(response.status.code),
                headers: response.headers.map { ($0.name.lowercased(), $0.value) }, body: Array(bytes.readableBytesView)
            )
        } catch {
            try? await client.shutdown()
            throw Failure(Self.explain(error, origin: origin))
        }
    }

    private func configuration() throws -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let certificateAuthority {
            do {
                tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(certificateAuthority))]
            } catch {
                throw Failure("\(certificateAuthority) is not a readable PEM certificate")
            }
        }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        // RFC 6761 §6.3: names below localhost are the loopback; not every resolver knows.
        if let host = URLComponents(string: origin)?.host, host == "localhost" || host.hasSuffix(".localhost") {
            configuration.dnsOverride = [host: "127.0.0.1"]
        }
        return configuration
    }

    private static func explain(_ error: any Error, origin: String) -> String {
        let text = String(describing: error)
        if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("unableToValidateCertificate") {
            return "\(origin): its certificate is not signed by an authority known here; give it by --ca FILE"
        }
        if let error = error as? HTTPClientError {
            if error == .connectTimeout { return "\(origin) does not answer" }
            return "\(origin): \(error.shortDescription)"
        }
        if text.contains("ECONNREFUSED") || text.contains("Connection refused") {
            return "nothing listens at \(origin)"
        }
        if text.contains("HandshakeFailed") || error is NIOSSLError {
            return "\(origin): no TLS connection: \(text.oneLine)"
        }
        return "\(origin): \(text.oneLine)"
    }
}
