import Casework
import HTTPTypes
import Hummingbird
import NIOCore
import Tenancy

/// A refusal as RFC 9457 tells it. Every error answer of the API is one of these.
struct Problem: Error, Sendable, JSONEncodable {
    var status: HTTPResponse.Status
    var detail: String
    var kind: String?
    /// What kind of refusal it is; nil where the framework refused.
    var code: Refusal.Code?
    var errors: [FieldProblem] = []
    var blockedBy: [String] = []
    var state: String?
    var missing: [String]?
    /// What the second step of signing in presents.
    var challenge: Secret?
    var report: RawJSON?
    var retryAfter: Int?
    var allow: String?
    /// Why it is a 5xx, for the operator; never sent.
    var reason: RefusalReason?

    /// A refusal, said in a language.
    init(_ status: HTTPResponse.Status, _ refusal: Refusal, in words: Catalogue = .english) {
        self.status = status
        detail = words.refusal(refusal)
        code = refusal.code
    }

    /// A refusal without arguments.
    init(_ status: HTTPResponse.Status, _ code: Refusal.Code, in words: Catalogue = .english) {
        self.init(status, Refusal(code), in: words)
    }

    /// A status that the framework answers with.
    private init(_ status: HTTPResponse.Status) {
        self.status = status
        detail = status.reasonPhrase
    }

    static let notFound = Problem(.notFound, .nothingHere)

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("type", kind ?? "about:blank")
            json.field("title", status.reasonPhrase)
            json.field("status", status.code)
            json.field("detail", detail)
            if let code { json.field("code", code.rawValue) }
            if !errors.isEmpty { json.field("errors", errors) }
            if !blockedBy.isEmpty { json.field("blockedBy", blockedBy) }
            if let state { json.field("state", state) }
            if let missing { json.field("missing", missing) }
            if let challenge { json.field("challenge", challenge.text) }
            if let report { json.field("report", report) }
        }
    }

    var response: Response {
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        if let allow { headers[.allow] = allow }
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        return Response(
            status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: JSONWriter.bytes(of: self))))
    }
}

extension Problem {
    /// What a client is told of an error; nil for one that nobody foresaw.
    /// - Parameter words: what is said to people.
    init?(_ error: any Error, in words: Catalogue = .english) {
        switch error {
        case let problem as Problem: self = problem
        case let error as CaseworkError: self.init(error, words)
        case let refusal as EntryRefusal: self.init(refusal, words)
        case let needed as SignIn.CodeNeeded:
            self.init(.unauthorized, .codeNeeded, in: words)
            kind = "https://waymark.example/problems/code-needed"
            challenge = needed.challenge
        default:
            guard let unavailable = Unavailable(error) else { return nil }
            self.init(.serviceUnavailable, unavailable.code, in: words)
            retryAfter = unavailable.retryAfter
            reason = RefusalReason(cause: unavailable.cause, text: unavailable.reason)
        }
    }

    /// What a client is told of any error.
    /// - Parameter id: the request's, all that is told of an error nobody foresaw.
    init(answering error: any Error, id: String) {
        if let problem = Problem(error) {
            self = problem
        } else if error is CancellationError {
            self.init(.serviceUnavailable, .stopping)
            retryAfter = 5
            reason = RefusalReason(cause: "cancelled", text: "the server is stopping, or the client went away")
        } else if let known = error as? any HTTPResponseError {
            self.init(known.status)
            if known.status.code >= 500 { reason = RefusalReason(error) }
        } else {
            self.init(.internalServerError, Refusal(.faultHere, ["id": .text(id)]))
            reason = RefusalReason(error)
        }
    }

    private init(_ refusal: EntryRefusal, _ words: Catalogue) {
        switch refusal {
        case .notSignedIn:
            self.init(.unauthorized, .notSignedIn, in: words)
        case .forbidden:
            self.init(.forbidden, .notAllowed, in: words)
        case .codesNeeded:
            self.init(.forbidden, .codesNeeded, in: words)
            kind = "https://waymark.example/problems/codes-needed"
        case .hidden, .suspended:
            self = .notFound
        case .notSetUp(let missing):
            self.init(.forbidden, Refusal(.notSetUp, ["steps": .setupSteps(missing)]), in: words)
            kind = "https://waymark.example/problems/not-set-up"
            self.missing = missing
        }
    }

    private init(_ error: CaseworkError, _ words: Catalogue) {
        switch error {
        case .notFound: self = .notFound
        case .forbidden: self.init(.forbidden, .notAllowed, in: words)
        case .unauthenticated: self.init(.unauthorized, .wrongPassword, in: words)
        case .invalid(let problems):
            let fields = Set(problems.map(\.field)).sorted()
            self.init(.unprocessableContent, Refusal(.notAccepted, ["fields": .list(fields)]), in: words)
            errors = problems.map { FieldProblem($0, in: words) }
        case .conflict(let refusal, let field, let blockedBy, let state):
            self.init(.conflict, refusal, in: words)
            if let field { detail = "\(field): \(detail)" }
            self.blockedBy = blockedBy.map(words.blocker)
            self.state = state
        case .preconditionFailed:
            self.init(.preconditionFailed, .changedSince, in: words)
        case .tooLarge(let refusal): self.init(.contentTooLarge, refusal, in: words)
        case .unsupportedMediaType(let refusal): self.init(.unsupportedMediaType, refusal, in: words)
        case .malformed(let refusal): self.init(.badRequest, refusal, in: words)
        case .notSetUp(let missing): self.init(EntryRefusal.notSetUp(missing: missing), words)
        case .unavailable:
            self.init(.serviceUnavailable, .tooBusy, in: words)
            retryAfter = 2
            reason = RefusalReason(cause: "too_busy", text: "too much work is waiting already")
        case .lacking(let thing):
            // trying again helps with all but a key, which somebody has to give the server first
            self.init(.serviceUnavailable, thing == .secretKey ? .secretKeyMissing : .tooBusy, in: words)
            retryAfter = thing == .secretKey ? 300 : 2
            reason = RefusalReason(cause: "lacking_\(thing.rawValue)", text: "the server has no \(thing.words)")
        case .throttled(let seconds):
            self.init(
                .tooManyRequests, Refusal(.tooManyAttempts, ["seconds": .number(seconds)]), in: words)
            retryAfter = seconds
        }
    }
}
