/// A request to somebody else's server.
public struct OutgoingRequest: Sendable {
    /// What a server may take and give.
    public struct Limits: Sendable {
        /// Seconds until there is a TLS connection.
        public var connecting: Int
        /// Seconds for the whole.
        public var whole: Int
        /// Bytes of an answer, header fields included.
        public var answer: Int

        /// - Parameters:
        ///   - connecting: seconds until there is a TLS connection.
        ///   - whole: seconds for the whole.
        ///   - answer: bytes of an answer, header fields included.
        public init(connecting: Int = 5, whole: Int = 20, answer: Int = 1 << 20) {
            self.connecting = connecting
            self.whole = whole
            self.answer = answer
        }
    }

    /// The method, in capitals.
    public var method: String
    /// Where it goes: `https://`, and `http://` only where the operator allows it.
    public var url: String
    /// Header fields.
    public var headers: [(name: String, value: String)]
    /// What is sent with it; nil: nothing.
    public var body: [UInt8]?
    /// What the server may take and give.
    public var limits: Limits

    /// - Parameters:
    ///   - method: in capitals.
    ///   - url: where it goes.
    ///   - headers: header fields.
    ///   - body: what is sent with it; nil: nothing.
    ///   - limits: what the server may take and give.
    public init(
        _ method: String, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        limits: Limits = Limits()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.limits = limits
    }
}

/// What a server has answered, read whole. A redirect is an answer like any other: nobody follows it.
public struct OutgoingAnswer: Sendable {
    /// The HTTP status.
    public let status: Int
    /// Header fields, names in lower case.
    public let headers: [(name: String, value: String)]
    /// The body, as it came.
    public let body: [UInt8]

    /// - Parameters:
    ///   - status: the HTTP status.
    ///   - headers: header fields, names in lower case.
    ///   - body: the body, as it came.
    public init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header field.
    public func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}

/// Why there is no answer.
public struct OutgoingFailure: Error, Equatable, CustomStringConvertible {
    /// What went wrong, for programs.
    public enum Kind: String, Sendable, CaseIterable {
        /// The request cannot be sent as it is: its address, a header field.
        case invalid
        /// Requests must not go there: see ``Destinations``.
        case forbidden
        /// Nobody knows the name.
        case unresolved
        /// Nothing listens there, or the network does not lead there.
        case unreachable
        /// No connection within the time for it.
        case silent
        /// No whole answer within the time for it.
        case slow
        /// The certificate is expired, another's, or signed by an unknown authority.
        case untrusted
        /// The file of authorities cannot be read.
        case authorities
        /// No TLS connection, for another reason.
        case tls
        /// The answer is longer than may be.
        case tooLong
        /// The answer broke off, or is no HTTP.
        case broken
        /// Who asked does not wait any more.
        case cancelled
    }

    /// What went wrong.
    public let kind: Kind
    /// Scheme, host and port; as much of the address as may be told.
    public let origin: String
    /// In libcurl's words, one line.
    public let reason: String

    /// Origin and reason: a line for a log.
    public var description: String { "\(origin): \(reason)" }
}
