import CCurl
import Foundation
import Synchronization

/// Gives mail to an SMTP server, one after another over a connection that stays open.
public final class SMTPTransport: MailTransport {
    /// Which server, and as whom.
    public struct Configuration: Sendable {
        /// How the connection is protected.
        public enum Protection: Sendable {
            /// STARTTLS, or nothing is sent.
            case startTLS
            /// TLS from the first byte.
            case tls
            /// None: for a server on this machine.
            case none
        }

        /// Name or address of the server, IPv6 in brackets.
        public var host: String
        /// Its port.
        public var port: Int
        /// How the connection is protected.
        public var protection: Protection
        /// Login and password; nil: none is asked for.
        public var login: (user: String, password: String)?
        /// PEM file with the authorities that may have signed the server's certificate; nil: the system's.
        public var certificateAuthority: String?
        /// Seconds until there is a connection.
        public var connecting = 10
        /// Seconds for one mail.
        public var whole = 60

        /// - Parameters:
        ///   - host: name or address of the server.
        ///   - port: its port.
        public init(host: String, port: Int, protection: Protection) {
            self.host = host
            self.port = port
            self.protection = protection
        }
    }

    private let session: SMTPSession
    private let queue = DispatchQueue(label: "waymark.mail")

    /// Connects nothing yet.
    /// - Throws: `DeliveryFailure` where libcurl cannot start.
    public init(_ configuration: Configuration) throws {
        session = try SMTPSession(configuration)
    }

    /// Sends it. A task that is cancelled goes on for up to ten seconds, because what the server has taken over already must
    /// not count as failed.
    /// - Throws: `DeliveryFailure`.
    public func send(_ mail: ComposedMail) async throws {
        let call = SMTPCall(mail)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                queue.async { continuation.resume(with: Result { try self.session.perform(call) }) }
            }
        } onCancel: {
            call.end(within: 10)
        }
    }
}

/// One mail on its way: what libcurl reads, what the server says.
private final class SMTPCall: Sendable {
    let mail: ComposedMail
    private struct State {
        var sent = 0
        var isWelcome = false
        var refusal = ""
        var end: ContinuousClock.Instant?
    }
    private let state = Mutex(State())

    init(_ mail: ComposedMail) { self.mail = mail }

    /// The last line by which the server refused something, after it had once said yes.
    var refusal: String { state.withLock { $0.refusal } }
    /// Whether the call is to be broken off.
    var isOver: Bool { state.withLock { $0.end.map { $0 < .now } ?? false } }

    func end(within seconds: Int) { state.withLock { $0.end = .now + .seconds(seconds) } }

    func hear(_ line: String) {
        state.withLock { state in
            if line.hasPrefix("2") { state.isWelcome = true }
            if state.isWelcome, line.hasPrefix("4") || line.hasPrefix("5") { state.refusal = line }
        }
    }

    /// Copies the next bytes; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            let piece = mail.bytes.dropFirst(state.sent).prefix(buffer.count)
            buffer.copyBytes(from: piece)
            state.sent += piece.count
            return piece.count
        }
    }
}

/// A libcurl handle with its connection. Used by one thread at a time: `SMTPTransport.queue` sees to that.
private final class SMTPSession: @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer
    private let configuration: SMTPTransport.Configuration
    private var place: String { "\(configuration.host):\(configuration.port)" }

    init(_ configuration: SMTPTransport.Configuration) throws {
        guard let handle = curl_easy_init() else { throw DeliveryFailure(.unreachable, "libcurl cannot start") }
        self.handle = handle
        self.configuration = configuration
    }

    deinit { curl_easy_cleanup(handle) }

    func perform(_ call: SMTPCall) throws {
        curl_easy_reset(handle)  // keeps connections
        set()
        let recipients = curl_slist_append(nil, call.mail.recipient)
        defer { curl_slist_free_all(recipients) }
        curl_set_text(handle, CURLOPT_MAIL_FROM, call.mail.sender)
        curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients)
        curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(call.mail.bytes.count))
        let context = Unmanaged.passUnretained(call).toOpaque()
        for option in [CURLOPT_READDATA, CURLOPT_HEADERDATA, CURLOPT_XFERINFODATA] {
            curl_set_pointer(handle, option, context)
        }
        var message = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        let outcome = message.withUnsafeMutableBufferPointer { message in
            curl_set_pointer(handle, CURLOPT_ERRORBUFFER, message.baseAddress)
            defer { curl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil) }
            return withExtendedLifetime(call) { curl_easy_perform(handle) }
        }
        guard outcome != CURLE_OK else { return }
        let said = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        throw failure(outcome, said.isEmpty ? String(cString: curl_easy_strerror(outcome)) : said, call)
    }

    private func set() {
        let scheme = if case .tls = configuration.protection { "smtps" } else { "smtp" }
        curl_set_text(handle, CURLOPT_URL, "\(scheme)://\(place)")
        curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        curl_set_text(handle, CURLOPT_NOPROXY, "*")
        if case .startTLS = configuration.protection {
            curl_set_number(handle, CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue))
        }
        if let authority = configuration.certificateAuthority { curl_set_text(handle, CURLOPT_CAINFO, authority) }
        if let login = configuration.login {
            curl_set_text(handle, CURLOPT_USERNAME, login.user)
            curl_set_text(handle, CURLOPT_PASSWORD, login.password)
        }
        curl_set_number(handle, CURLOPT_NOSIGNAL, 1)
        curl_set_number(handle, CURLOPT_UPLOAD, 1)
        curl_set_number(handle, CURLOPT_CONNECTTIMEOUT, configuration.connecting)
        curl_set_number(handle, CURLOPT_TIMEOUT, configuration.whole)
        curl_set_function(handle, CURLOPT_READFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let call = Unmanaged<SMTPCall>.fromOpaque(context).takeUnretainedValue()
            return call.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
        }
        curl_set_function(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: size * count), as: UTF8.self)
            Unmanaged<SMTPCall>.fromOpaque(context).takeUnretainedValue().hear(line)
            return size * count
        }
        curl_set_number(handle, CURLOPT_NOPROGRESS, 0)
        curl_set_progress(handle) { context, _, _, _, _ in
            guard let context else { return 1 }
            return Unmanaged<SMTPCall>.fromOpaque(context).takeUnretainedValue().isOver ? 1 : 0
        }
    }

    private func failure(_ code: CURLcode, _ said: String, _ call: SMTPCall) -> DeliveryFailure {
        // the server's own words name the reason best; libcurl's speak of the connection
        let refusal = Self.line(call.refusal)
        // libcurl's word for a refused sender, who would be refused with every mail
        let isSenderRefused = said.hasPrefix("MAIL failed")
        switch (code, refusal.first) {
        case (CURLE_LOGIN_DENIED, _), (CURLE_USE_SSL_FAILED, _),
            _ where isSenderRefused:
            return DeliveryFailure(.unreachable, "\(place): \(refusal.isEmpty ? Self.line(said) : refusal)")
        case (_, "4") where !refusal.hasPrefix("421"): return DeliveryFailure(.deferred, refusal)
        case (_, "5"): return DeliveryFailure(.refused, refusal)
        default: return DeliveryFailure(.unreachable, "\(place): \(refusal.isEmpty ? Self.line(said) : refusal)")
        }
    }

    private static func line(_ text: String) -> String {
        String(text.split(whereSeparator: \.isNewline).joined(separator: " ").prefix(300))
    }
}
