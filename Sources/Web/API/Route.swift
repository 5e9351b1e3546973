import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// One entry of the server's table: what is called, who may call it, what it takes and gives.
///
/// The router, the OpenAPI document and the tests that walk every route are all made from this table.
public struct Route: Sendable {
    /// Who may come in.
    public enum Access: Sendable, Equatable {
        /// Nobody needs to be signed in.
        case open
        /// Callers with a token whose role is in the audience.
        case signedIn(Audience)
    }

    /// What the request carries.
    public enum Payload: Sendable {
        /// Nothing; a body is ignored.
        case none
        /// A JSON object of this shape.
        case json(Schema)
        /// A JSON object, or no body at all.
        case optionalJSON(Schema)
        /// Comma-separated values, read as a stream.
        case csv
        /// A zip file, read as a stream.
        case zip
        /// A JSON object of this shape or, by its media type, comma-separated values.
        case jsonOrCSV(Schema)
        /// A JSON object of this shape, or no body at all; or, by its media type, a form of the other shape, which may have files.
        case jsonOrForm(Schema, form: Schema)
        /// Any file, read as a stream.
        case file
        /// A small picture: PNG, JPEG or WebP.
        case picture
    }

    /// A query parameter.
    public struct Parameter: Sendable {
        let name: String
        let schema: Schema
        let description: String

        /// - Parameter name: as written in the query string.
        public init(_ name: String, _ schema: Schema = .string(), _ description: String = "") {
            self.name = name
            self.schema = schema
            self.description = description
        }
    }

    let method: HTTPRequest.Method
    let path: String
    let access: Access
    let summary: String
    var query: [Parameter] = []
    var payload = Payload.none
    var status: HTTPResponse.Status
    var answer: Schema?
    var otherAnswers: [HTTPResponse.Status: Schema]
    var permission: (@Sendable (Call) throws -> Permission)?
    var problems: Set<Int>
    var ahead: (@Sendable (inout Call) async throws -> Void)?
    let handle: @Sendable (Call) async throws -> Response

    /// - Parameters:
    ///   - path: below `/api/v1`, with parameters in braces: `/cohorts/{id}`.
    ///   - otherAnswers: other statuses of success, with their answers.
    ///   - permission: what the caller must see, and be allowed to change, before the body is read.
    ///   - problems: statuses of refusals beside those that follow from the other parameters.
    ///   - ahead: slow work that needs no database. With an `Idempotency-Key` it is done before the transaction of the
    ///     change begins; without one, `handle` does it.
    public init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ summary: String,
        query: [Parameter] = [], payload: Payload = .none, status: HTTPResponse.Status = .ok, answer: Schema? = nil,
        otherAnswers: [HTTPResponse.Status: Schema] = [:], permission: (@Sendable (Call) throws -> Permission)? = nil,
        problems: Set<Int> = [], ahead: (@Sendable (inout Call) async throws -> Void)? = nil,
        handle: @escaping @Sendable (Call) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.summary = summary
        self.query = query
        self.payload = payload
        self.status = status
        self.answer = answer
        self.otherAnswers = otherAnswers
        self.permission = permission
        self.problems = problems
        self.ahead = ahead
        self.handle = handle
    }

    /// Whether the call changes something.
    public var writes: Bool { method != .get && method != .head }

    /// Whether the object of a change has an ETag. A link between two objects, an order, what headings mean, a token and a session
    /// have none.
    var hasTag: Bool {
        parameterNames.count < 2
            && ![
                "/tokens/{id}", "/views/{id}", "/session", "/me/sessions", "/me/sessions/{id}",
                "/accounts/{id}/authenticator", "/accounts/{id}/identity", "/calendar", "/cohorts/{id}/milestone-order",
                "/imports/columns",
            ].contains(path)
    }

    /// Whether it reads `If-Match`: changes of what has an ETag do, and each POST that says it may answer 412.
    var takesIfMatch: Bool { method == .post ? problems.contains(412) : writes && hasTag }

    /// `GET /cohorts/{id}`.
    public var name: String { "\(method.rawValue) \(path)" }

    /// Where and by whom it may be called, for the tests that walk the table.
    public var outline: (method: String, path: String, access: Access) { (method.rawValue, path, access) }

    /// The names in braces, in order.
    var parameterNames: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}
