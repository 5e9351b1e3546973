import CCurl
import Foundation

/// One HTTPS request by libcurl.
final class Transfer {
    /// What a server may take and give.
    struct Limits {
        /// Seconds until there is a TLS connection.
        var connecting = 10
        /// Seconds for the whole.
        var whole = 600
        /// Bytes of an answer, header fields included.
        var answer = 1_024 << 20
    }

    private let handle: UnsafeMutableRawPointer
    private let origin: String
    private let certificateAuthority: String?
    private let limits: Limits
    private var lists: [UnsafeMutablePointer<curl_slist>] = []

    private final class Reception {
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []
        private(set) var room: Int

        init(room: Int) {
            self.room = room
        }

        /// Whether so many bytes more are within the limit.
        func admits(_ count: Int) -> Bool {
            room -= min(count, room + 1)
            return room >= 0
        }
    }

    /// - Parameters:
    ///   - origin: scheme, host and port of the server.
    ///   - certificateAuthority: PEM file to trust besides the system's authorities.
    /// - Throws: `Failure` where libcurl cannot start.
    init(origin: String, certificateAuthority: String?, limits: Limits = Limits()) throws {
        guard let handle = curl_easy_init() else { throw Failure("libcurl cannot start") }
        self.handle = handle
        self.origin = origin
        self.certificateAuthority = certificateAuthority
        self.limits = limits
    }

    deinit {
        curl_easy_cleanup(handle)
        for list in lists { curl_slist_free_all(list) }
    }

    /// Sends the request and reads the answer.
    /// - Throws: `Failure` where the server cannot be reached or trusted, or its answer is too long or too slow.
    func perform(_ method: String, _ url: String, fields: [String], body: [UInt8]) throws -> Client.Answer {
        let reception = Reception(room: limits.answer)
        try set(url)
        try set(fields: fields)
        curl_set_text(handle, CURLOPT_CUSTOMREQUEST, method)
        var message = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        let outcome = message.withUnsafeMutableBufferPointer { message in
            body.withUnsafeBytes { body in
                // libcurl keeps where these three are, and they stay there within these braces only
                set(reception)
                defer {
                    for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_ERRORBUFFER, CURLOPT_POSTFIELDS] {
                        curl_set_pointer(handle, option, nil)
                    }
                }
                curl_set_pointer(handle, CURLOPT_ERRORBUFFER, message.baseAddress)
                if method == "HEAD" {
                    curl_set_number(handle, CURLOPT_NOBODY, 1)
                } else if method != "GET" || !body.isEmpty {
                    curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
                    curl_set_pointer(handle, CURLOPT_POSTFIELDS, body.baseAddress ?? UnsafeRawPointer(handle))
                }
                return withExtendedLifetime(reception) { curl_easy_perform(handle) }
            }
        }
        guard outcome == CURLE_OK else {
            let said = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            let reason = said.isEmpty ? String(cString: curl_easy_strerror(outcome)) : said
            throw Failure(reception.room < 0 ? tooMuch : explain(outcome, reason))
        }
        return Client.Answer(
            status: curl_get_number(handle, CURLINFO_RESPONSE_CODE), headers: reception.headers, body: reception.body)
    }

    private func set(_ url: String) throws {
        curl_set_text(handle, CURLOPT_URL, url)
        curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "https")
        curl_set_number(handle, CURLOPT_PATH_AS_IS, 1)
        curl_set_number(handle, CURLOPT_NOSIGNAL, 1)
        curl_set_number(handle, CURLOPT_CONNECTTIMEOUT, limits.connecting)
        curl_set_number(handle, CURLOPT_TIMEOUT, limits.whole)
        if let certificateAuthority { curl_set_text(handle, CURLOPT_CAINFO, certificateAuthority) }
        // RFC 6761 §6.3: names below localhost are the loopback; not every resolver knows, and no proxy could.
        guard let address = URLComponents(string: origin), let host = address.host,
            host == "localhost" || host.hasSuffix(".localhost")
        else { return }
        curl_set_text(handle, CURLOPT_NOPROXY, "*")
        curl_set_list(handle, CURLOPT_RESOLVE, try list(["\(host):\(address.port ?? 443):127.0.0.1"]))
    }

    private func set(fields: [String]) throws {
        // what libcurl would say by itself of a body: a form's content type, and a question whether to send it
        let silenced = ["Expect:"] + (fields.contains { $0.hasPrefix("Content-Type:") } ? [] : ["Content-Type:"])
        curl_set_list(handle, CURLOPT_HTTPHEADER, try list(silenced + fields))
    }

    private func set(_ reception: Reception) {
        let context = Unmanaged.passUnretained(reception).toOpaque()
        curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        curl_set_function(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let reception = Unmanaged<Reception>.fromOpaque(context).takeUnretainedValue()
            guard reception.admits(size * count) else { return 0 }
            reception.body += UnsafeRawBufferPointer(start: bytes, count: size * count)
            return size * count
        }
        curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        curl_set_function(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let reception = Unmanaged<Reception>.fromOpaque(context).takeUnretainedValue()
            guard reception.admits(size * count) else { return 0 }
            let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: size * count), as: UTF8.self)
            if line.hasPrefix("HTTP/") { reception.headers = [] }  // an interim answer came before this one
            if let colon = line.firstIndex(of: ":") {
                let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines)
                reception.headers.append((line[..<colon].lowercased(), value))
            }
            return size * count
        }
    }

    /// A list that lives as long as the transfer.
    private func list(_ lines: [String]) throws -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        defer { if let list { lists.append(list) } }
        for line in lines {
            guard let longer = curl_slist_append(list, line) else { throw Failure("out of memory") }
            list = longer
        }
        return list
    }

    private var tooMuch: String { "\(origin): the answer has more than \(limits.answer >> 20) MiB" }

    private func explain(_ code: CURLcode, _ said: String) -> String {
        switch code {
        case CURLE_PEER_FAILED_VERIFICATION where said.contains("issuer") || said.contains("self-signed"):
            "\(origin): its certificate is not signed by an authority known here; give it by --ca FILE"
        case CURLE_SSL_CACERT_BADFILE:
            "\(certificateAuthority ?? "the system's list of authorities") is not a readable PEM certificate"
        case CURLE_COULDNT_CONNECT: "nothing listens at \(origin)"
        case CURLE_OPERATION_TIMEDOUT where curl_get_size(handle, CURLINFO_APPCONNECT_TIME_T) > 0:
            "\(origin): no whole answer within \(limits.whole) s; what was asked for may be done all the same"
        case CURLE_OPERATION_TIMEDOUT: "\(origin) does not answer"
        case CURLE_SSL_CONNECT_ERROR: "\(origin): no TLS connection: \(said.oneLine)"
        default: "\(origin): \(said.oneLine)"
        }
    }
}
