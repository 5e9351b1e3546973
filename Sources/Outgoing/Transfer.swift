import CCurl
import Foundation
import Networks
import Synchronization

/// One request on its way. Who makes it hands it to the loop's thread, which alone uses it from then on.
final class Transfer: @unchecked Sendable {
    let handle: UnsafeMutableRawPointer
    let isCancelled = Atomic(false)
    /// Told once, by the loop's thread.
    var onEnd: ((Result<OutgoingAnswer, any Error>) -> Void)?

    private let origin: String
    private let host: String
    private let limits: OutgoingRequest.Limits
    private let configuration: HTTPSClient.Configuration
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private var headers: [(name: String, value: String)] = []
    private var body: [UInt8] = []
    private var room: Int
    private var refusedAddress: NetworkAddress?
    private let said = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    /// - Throws: `OutgoingFailure` where the request cannot be sent as it is, or must not go there.
    init(_ request: OutgoingRequest, _ configuration: HTTPSClient.Configuration) throws {
        let address = try OutgoingAddress(request.url)
        guard let handle = curl_easy_init() else {
            throw OutgoingFailure(kind: .broken, origin: address.origin, reason: "libcurl cannot start")
        }
        self.handle = handle
        self.configuration = configuration
        (origin, host, limits, room) = (address.origin, address.host, request.limits, request.limits.answer)
        said.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let isPlain = address.scheme == "http"
        guard !isPlain || configuration.destinations.allowsPlain(host: host) else {
            throw failure(.forbidden, "only https is allowed")
        }
        try set(request, address, scheme: address.scheme)
    }

    deinit {
        curl_easy_cleanup(handle)
        for list in lists { curl_slist_free_all(list) }
        said.deallocate()
    }

    func failure(_ kind: OutgoingFailure.Kind, _ reason: String) -> OutgoingFailure {
        OutgoingFailure(kind: kind, origin: origin, reason: reason)
    }

    func end(_ result: Result<OutgoingAnswer, any Error>) {
        onEnd?(result)
        onEnd = nil
    }

    // MARK: - What libcurl is told

    private func set(_ request: OutgoingRequest, _ address: OutgoingAddress, scheme: String) throws {
        curl_set_text(handle, CURLOPT_URL, request.url)
        curl_set_text(handle, CURLOPT_PROTOCOLS_STR, scheme)
        curl_set_number(handle, CURLOPT_PATH_AS_IS, 1)
        curl_set_number(handle, CURLOPT_NOSIGNAL, 1)
        // else a name server that is slow for one request would stop the thread for all
        curl_set_number(handle, CURLOPT_QUICK_EXIT, 1)
        curl_set_number(handle, CURLOPT_CONNECTTIMEOUT, limits.connecting)
        curl_set_number(handle, CURLOPT_TIMEOUT, limits.whole)
        curl_set_pointer(handle, CURLOPT_ERRORBUFFER, said)
        if let authority = configuration.certificateAuthority { curl_set_text(handle, CURLOPT_CAINFO, authority) }
        // RFC 6761 §6.3: names below localhost are the loopback; not every resolver knows, and no proxy could.
        let isLocal = host == "localhost" || host.hasSuffix(".localhost")
        if isLocal || !configuration.usesProxy { curl_set_text(handle, CURLOPT_NOPROXY, "*") }
        if isLocal { curl_set_list(handle, CURLOPT_RESOLVE, try list(["\(host):\(address.port):127.0.0.1"])) }
        try set(fields: request.headers)
        curl_set_text(handle, CURLOPT_USERAGENT, configuration.agent)
        set(method: request.method, body: request.body)
        receive()
        watchSockets()
    }

    private func set(fields: [(name: String, value: String)]) throws {
        for (name, value) in fields {
            let isClean = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }
            guard isClean, !name.isEmpty, value.utf8.allSatisfy({ ($0 >= 0x20 || $0 == 0x09) && $0 != 0x7f }) else {
                throw failure(.invalid, "a header field cannot be sent")
            }
        }
        // what libcurl would say by itself of a body: a form's content type, and a question whether to send it
        let isTyped = fields.contains { $0.name.lowercased() == "content-type" }
        let silenced = ["Expect:"] + (isTyped ? [] : ["Content-Type:"])
        // libcurl's sign for a field without a value
        let lines = fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        curl_set_list(handle, CURLOPT_HTTPHEADER, try list(silenced + lines))
    }

    private func set(method: String, body: [UInt8]?) {
        curl_set_text(handle, CURLOPT_CUSTOMREQUEST, method)
        if method == "HEAD" {
            curl_set_number(handle, CURLOPT_NOBODY, 1)
        } else if method != "GET" || body != nil {
            let body = body ?? []
            curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            body.withUnsafeBytes {
                curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress ?? UnsafeRawPointer(handle))
            }
        }
    }

    private func receive() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        curl_set_function(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            guard transfer.admits(size * count) else { return 0 }
            transfer.body += UnsafeRawBufferPointer(start: bytes, count: size * count)
            return size * count
        }
        curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        curl_set_function(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            guard transfer.admits(size * count) else { return 0 }
            transfer.hear(String(decoding: UnsafeRawBufferPointer(start: bytes, count: size * count), as: UTF8.self))
            return size * count
        }
    }

    /// Every socket is opened by us, so that the address is the one that is connected to.
    private func watchSockets() {
        curl_set_pointer(handle, CURLOPT_OPENSOCKETDATA, Unmanaged.passUnretained(self).toOpaque())
        curl_set_opener(handle) { context, _, address in
            guard let context, let address else { return curl_socket_t(CURL_SOCKET_BAD) }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            guard transfer.mayOpen(address) else { return curl_socket_t(CURL_SOCKET_BAD) }
            let kind = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
            return socket(address.pointee.family, kind, address.pointee.`protocol`)
        }
    }

    private func mayOpen(_ address: UnsafePointer<curl_sockaddr>) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = Int(curl_address_bytes(address, &bytes))
        guard let network = NetworkAddress(bytes: bytes.prefix(count)) else { return false }
        if configuration.destinations.allows(network, host: host) { return true }
        refusedAddress = network
        return false
    }

    /// A list that lives as long as the transfer.
    private func list(_ lines: [String]) throws -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        defer { if let list { lists.append(list) } }
        for line in lines {
            guard let longer = curl_slist_append(list, line) else { throw failure(.broken, "out of memory") }
            list = longer
        }
        return list
    }

    // MARK: - What comes back

    /// Whether so many bytes more are within the limit.
    private func admits(_ count: Int) -> Bool {
        room -= min(count, room + 1)
        return room >= 0
    }

    private func hear(_ line: String) {
        if line.hasPrefix("HTTP/") { headers = [] }  // an interim answer came before this one
        guard let colon = line.firstIndex(of: ":") else { return }
        let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines)
        headers.append((line[..<colon].lowercased(), value))
    }

    /// What came of it, as libcurl's code says.
    func result(_ outcome: CURLcode) -> Result<OutgoingAnswer, any Error> {
        guard outcome != CURLE_OK else {
            let status = curl_get_number(handle, CURLINFO_RESPONSE_CODE)
            return .success(OutgoingAnswer(status: status, headers: headers, body: body))
        }
        let words = said.pointee == 0 ? String(cString: curl_easy_strerror(outcome)) : String(cString: said)
        let line = String(words.split(whereSeparator: \.isNewline).joined(separator: " ").prefix(300))
        return .failure(explanation(outcome, line))
    }

    private func explanation(_ code: CURLcode, _ said: String) -> OutgoingFailure {
        if room < 0 { return failure(.tooLong, "the answer has more than \(limits.answer) bytes") }
        switch code {
        case CURLE_COULDNT_CONNECT:
            if let refusedAddress {
                return failure(.forbidden, "it is at \(refusedAddress), which is no public address")
            }
            return failure(.unreachable, said)
        case CURLE_COULDNT_RESOLVE_HOST: return failure(.unresolved, said)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return failure(.invalid, said)
        case CURLE_PEER_FAILED_VERIFICATION: return failure(.untrusted, said)
        case CURLE_SSL_CACERT_BADFILE: return failure(.authorities, said)
        case CURLE_SSL_CONNECT_ERROR: return failure(.tls, said)
        case CURLE_OPERATION_TIMEDOUT where curl_get_size(handle, CURLINFO_PRETRANSFER_TIME_T) > 0:
            return failure(.slow, "no whole answer within \(limits.whole) s")
        case CURLE_OPERATION_TIMEDOUT: return failure(.silent, "no connection in time")
        default: return failure(.broken, said)
        }
    }
}

/// The parts of a URL, as libcurl will read them.
struct OutgoingAddress {
    let scheme: String
    /// In small letters; an IPv6 address in brackets.
    let host: String
    let port: Int
    /// `https://idp.example:8443`, in small letters; without the port where it is the scheme's own.
    let origin: String

    /// - Throws: `OutgoingFailure` where it is no address of HTTP, or holds a name and password.
    init(_ text: String) throws {
        let invalid = OutgoingFailure(kind: .invalid, origin: "an address", reason: "it is not like https://host/path")
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), let parts = curl_url() else { throw invalid }
        defer { curl_url_cleanup(parts) }
        guard curl_url_set(parts, CURLUPART_URL, text, 0) == CURLUE_OK,
            let scheme = Self.part(parts, CURLUPART_SCHEME)?.lowercased(), scheme == "https" || scheme == "http",
            let host = Self.part(parts, CURLUPART_HOST)?.lowercased(), !host.isEmpty,
            let port = Self.part(parts, CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)).flatMap({ Int($0) }),
            Self.part(parts, CURLUPART_USER) == nil, Self.part(parts, CURLUPART_PASSWORD) == nil
        else { throw invalid }
        (self.scheme, self.host, self.port) = (scheme, host, port)
        origin = "\(scheme)://\(host)" + (port == (scheme == "https" ? 443 : 80) ? "" : ":\(port)")
    }

    private static func part(_ parts: OpaquePointer, _ what: CURLUPart, _ flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parts, what, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
