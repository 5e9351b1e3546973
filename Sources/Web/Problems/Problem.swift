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
    /// Of the refusal, where it is one of `Casework`.
    var code: Refusal.Code?
    var errors: [FieldProblem] = []
    var blockedBy: [String] = []
    var state: String?
    var missing: [String]?
    var report: RawJSON?
    var retryAfter: Int?
    var allow: String?
    /// Why it is a 5xx, for the operator; never sent.
    var reason: RefusalReason?

    init(_ status: HTTPResponse.Status, _ detail: String) {
        self.status = status
        self.detail = detail
    }

    static let notFound = Problem(.notFound, "There is nothing here, or not for you.")

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
    /// What a client is told of an error; nil where it is one nobody foresaw.
    /// - Parameter words: what is said to people.
    init?(_ error: any Error, in words: Catalogue = .english) {
        switch error {
        case let problem as Problem: self = problem
        case let error as CaseworkError: self.init(error, words)
        case let refusal as EntryRefusal: self.init(refusal)
        default:
            guard let unavailable = Unavailable(error) else { return nil }
            self.init(.serviceUnavailable, unavailable.detail)
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
            self.init(.serviceUnavailable, "The server is stopping. Try again.")
            retryAfter = 5
            reason = RefusalReason(cause: "cancelled", text: "the server is stopping, or the client went away")
        } else if let known = error as? any HTTPResponseError {
            self.init(known.status, known.status.reasonPhrase)
            if known.status.code >= 500 { reason = RefusalReason(error) }
        } else {
            self.init(
                .internalServerError, "Something went wrong here. Say this request id when you report it: \(id).")
            reason = RefusalReason(error)
        }
    }

    private init(_ refusal: EntryRefusal) {
        switch refusal {
        case .notSignedIn:
            self.init(.unauthorized, "Sign in first: the token is missing, unknown or expired.")
        case .forbidden:
            self.init(.forbidden, "Your role may not do this.")
        case .hidden, .suspended:
            self = .notFound
        case .notSetUp(let missing):
            self.init(
                .forbidden, "Case Management is not set up yet. Missing: \(missing.joined(separator: ", ")).")
            kind = "https://waymark.example/problems/not-set-up"
            self.missing = missing
        }
    }

    private init(_ status: HTTPResponse.Status, _ refusal: Refusal, _ words: Catalogue) {
        self.init(status, words.refusal(refusal))
        code = refusal.code
    }

    private init(_ error: CaseworkError, _ words: Catalogue) {
        switch error {
        case .notFound: self = .notFound
        case .forbidden: self.init(.forbidden, "Your role may not do this.")
        case .unauthenticated: self.init(.unauthorized, "E-mail address or password is wrong.")
        case .invalid(let problems):
            let fields = Set(problems.map(\.field)).sorted().joined(separator: ", ")
            self.init(.unprocessableContent, "Not accepted: \(fields).")
            errors = problems.map { FieldProblem($0, in: words) }
        case .conflict(let refusal, let field, let blockedBy, let state):
            self.init(.conflict, refusal, words)
            if let field { detail = "\(field): \(detail)" }
            self.blockedBy = blockedBy.map(words.blocker)
            self.state = state
        case .preconditionFailed:
            self.init(.preconditionFailed, "It was changed since you read it. Read it again, then decide.")
        case .tooLarge(let refusal): self.init(.contentTooLarge, refusal, words)
        case .unsupportedMediaType(let refusal): self.init(.unsupportedMediaType, refusal, words)
        case .malformed(let refusal): self.init(.badRequest, refusal, words)
        case .notSetUp(let missing): self.init(EntryRefusal.notSetUp(missing: missing))
        case .unavailable:
            self.init(.serviceUnavailable, "Too busy just now. Try again.")
            retryAfter = 2
            reason = RefusalReason(cause: "too_busy", text: "too much work is waiting already")
        case .lacking(let thing):
            self.init(.serviceUnavailable, "Too busy just now. Try again.")
            retryAfter = 2
            reason = RefusalReason(cause: "lacking_\(thing.rawValue)", text: "the server has no \(thing.words)")
        case .throttled(let seconds):
            self.init(.tooManyRequests, "Too many attempts. Try again in \(seconds) seconds.")
            retryAfter = seconds
        }
    }
}
