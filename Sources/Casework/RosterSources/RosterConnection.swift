import FoundationEssentials
import Outgoing

/// What a server of rosters may take and give.
public struct RosterLimits: Sendable {
    /// Records of one answer that are asked for.
    var page = 1_000
    /// Answers of one kind of record.
    var pages = 5_000
    /// Records of one kind.
    var records = 1_000_000
    /// Bytes of one answer. What is read of them takes up to a hundred times as much memory.
    var answer = 4 << 20
    /// Records of one answer, of a server that does not keep to what it was asked for.
    var recordsOfAnswer = 50_000
    /// Bytes of one kind of record, on the disk.
    var bytes = 1 << 30
    /// Seconds for one answer.
    var seconds = 60
    /// For all of a run's answers.
    var whole = Duration.seconds(7_200)
    /// Seconds that are waited where a server asks for it.
    var wait = 60
    /// How long to wait before an answer that did not come is asked for again; as often as there are pauses.
    var pauses: [Duration] = [.seconds(2), .seconds(10)]

    /// Those that are good for a district of a million people.
    public init() {}

    /// For tests, and for a trial that somebody waits for.
    package init(
        page: Int = 1_000, pages: Int = 5_000, records: Int = 1_000_000, answer: Int = 4 << 20,
        recordsOfAnswer: Int = 50_000,
        bytes: Int = 1 << 30, seconds: Int = 60, whole: Duration = .seconds(7_200), wait: Int = 60,
        pauses: [Duration] = []
    ) {
        (self.page, self.pages, self.records, self.answer) = (page, pages, records, answer)
        (self.recordsOfAnswer, self.bytes) = (recordsOfAnswer, bytes)
        (self.seconds, self.whole, self.wait, self.pauses) = (seconds, whole, wait, pauses)
    }
}

/// Asks a server of rosters, with a token that it fetches by the client's secret (RFC 6749 §4.4).
struct RosterConnection {
    /// Where it is, and who asks.
    struct Place: Sendable {
        let baseURL: String
        let tokenURL: String
        let clientID: String
        let secret: String
        let scope: String?

        /// What a token is asked for. The standard has a name of it for each of its versions (1EdTech Security Framework).
        var wantedScope: String {
            let version = baseURL.contains("/v1p1") ? "v1p1" : "v1p2"
            return scope ?? "https://purl.imsglobal.org/spec/or/\(version)/scope/roster-core.readonly"
        }
    }

    private let place: Place
    private let client: HTTPSClient
    private let limits: RosterLimits
    private let deadline: ContinuousClock.Instant
    private var token: (text: String, until: ContinuousClock.Instant)?

    init(_ place: Place, _ client: HTTPSClient, _ limits: RosterLimits) {
        self.place = place
        self.client = client
        self.limits = limits
        deadline = .now + limits.whole
    }

    /// Asks for something below the base address.
    /// - Parameter path: with its query.
    /// - Returns: an answer of any status but 401, 429, and those that say that the server is to blame.
    mutating func get(_ path: String) async throws -> OutgoingAnswer {
        let base = place.baseURL.hasSuffix("/") ? String(place.baseURL.dropLast()) : place.baseURL
        var isRenewed = false
        while true {
            let bearer = try await bearer()
            let request = OutgoingRequest(
                "GET", "\(base)/\(path)",
                headers: [
                    (name: "Authorization", value: "Bearer \(bearer)"), (name: "Accept", value: "application/json"),
                ])
            let answer = try await send(request)
            guard answer.status == 401 else { return answer }
            guard !isRenewed else { throw RosterFault(.unauthorized, Self.told(answer, request)) }
            isRenewed = true
            token = nil
        }
    }

    private mutating func bearer() async throws -> String {
        if let token, token.until > .now { return token.text }
        let fields = [("grant_type", "client_credentials"), ("scope", place.wantedScope)]
        let request = OutgoingRequest(
            "POST", place.tokenURL,
            headers: [
                (name: "Authorization", value: FormText.basic(client: place.clientID, secret: place.secret)),
                (name: "Content-Type", value: "application/x-www-form-urlencoded"),
                (name: "Accept", value: "application/json"),
            ],
            body: Array(FormText.encoded(fields).utf8))
        let answer = try await send(request)
        guard answer.status == 200 else { throw RosterFault(.token, Self.told(answer, request)) }
        guard let object = try? JSONObject(parsing: answer.body), let text = object.text("access_token"), !text.isEmpty,
            text.utf8.count <= 8_192, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw RosterFault(.token, "no access_token in the answer") }
        var seconds = 300
        if case .number(let number)? = object["expires_in"], let said = number.integer { seconds = said }
        // bounded first: the server may say any number
        token = (text, .now + .seconds(min(max(seconds, 31), 86_430) - 30))
        return text
    }

    /// Sends a request, again where no answer came, and where the server asks to be left alone for a while that is short.
    private func send(_ request: OutgoingRequest) async throws -> OutgoingAnswer {
        var request = request
        var pauses = limits.pauses[...]
        var waits = 0
        while true {
            let left = Int((deadline - .now) / .seconds(1))
            guard left > 0 else { throw RosterFault(.tooLong) }
            request.limits = .init(connecting: 10, whole: min(limits.seconds, left), answer: limits.answer)
            let fault: RosterFault
            do {
                let answer = try await client.send(request)
                guard answer.status == 429 || answer.status >= 500 else { return answer }
                if let wait = answer.header("retry-after").flatMap({ Int($0) }),
                    answer.status == 429 || answer.status == 503
                {
                    guard (0...limits.wait).contains(wait), waits < 10 else {
                        throw RosterFault(.busy, Self.told(answer, request) + ", Retry-After: \(wait)")
                    }
                    waits += 1
                    try await Task.sleep(for: .seconds(wait))
                    continue
                }
                fault = RosterFault(answer.status == 429 ? .busy : .refused, Self.told(answer, request))
            } catch let failure as OutgoingFailure {
                switch failure.kind {
                case .cancelled: throw CancellationError()
                case .forbidden, .invalid: throw RosterFault(.forbidden, failure.description)
                case .untrusted, .authorities: throw RosterFault(.untrusted, failure.description)
                case .tooLong: throw RosterFault(.tooLarge, failure.description)
                default: fault = RosterFault(.unreachable, failure.description)
                }
            }
            guard let pause = pauses.popFirst() else { throw fault }
            try await Task.sleep(for: pause)
        }
    }

    /// What an answer was, and where, for whoever has to mend it.
    static func told(_ answer: OutgoingAnswer, _ request: OutgoingRequest) -> String {
        "\(answer.status) at \(request.url.prefix { $0 != "?" })"
    }
}
