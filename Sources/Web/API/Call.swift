import Casework
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Tenancy

/// One API request on its way to its handler: where it goes, who sends it, what it carries.
public struct Call: Sendable {
    /// The request as it came.
    public private(set) var request: Request
    /// The institution its host (or on the bare domain, its token) names.
    public let institution: Institution
    /// The token it came with; nil on open routes.
    public let token: SessionToken?
    /// The client's address, for throttling.
    public let peer: String

    let site: Site
    let route: Route
    let parameters: Parameters
    let id: String
    /// The caller's account; 0 until `admit` has asked.
    var account = 0

    /// The transaction that holds all of this request's work (see `once`); nil where each unit of work has its own.
    var whole: UnitOfWork?
    /// The hash of the body's password, where its route made it ahead.
    var passwordHash: String?

    /// The transaction this request works in: as its caller, for the audience of its route.
    public func work() throws -> UnitOfWork {
        guard case .signedIn(let audience) = route.access, token != nil else {
            return try site.deployment.gate(of: institution)
        }
        return try work(as: audience)
    }

    /// The same for another audience.
    func work(as audience: Audience) throws -> UnitOfWork {
        guard let token else { throw EntryRefusal.notSignedIn }
        return try site.deployment.work(
            in: institution, tokenHash: token.hash, audience: audience, writing: route.writes
        ).joining(whole)
    }

    /// Asks as the caller of the route, in one round trip.
    /// - Throws: `EntryRefusal`, `PostgresError`, what the reading throws.
    func read<Output: Sendable>(_ reading: Reading<Output>) async throws -> Output {
        try await work().read(reading)
    }

    /// The moment this request counts as happening at.
    public var now: Date { site.clock() }

    /// A positive integer of the path.
    /// - Throws: `CaseworkError.notFound` for anything else.
    public func id(_ name: String) throws -> Int {
        guard let text = parameters.get(name), text.utf8.count <= 10,
            text.utf8.allSatisfy({ (48...57).contains($0) }), text.utf8.first != 48, let id = Int(text),
            id <= Int(Int32.max)
        else { throw CaseworkError.notFound }
        return id
    }

    /// A word of the path, percent-decoded.
    public func word(_ name: String) throws -> String {
        guard let text = parameters.get(name)?.removingPercentEncoding, !text.contains("\0") else {
            throw CaseworkError.notFound
        }
        return text
    }

    /// Reads the query string's parameters, collecting every problem; unknown names are ignored.
    public func query<Value>(_ read: (inout Fields) throws -> Value) throws -> Value {
        var items: [String: [String]] = [:]
        do throws(URLEncoded.Problem) {
            for (name, value) in try URLEncoded.pairs((request.uri.query ?? "").utf8) {
                items[name, default: []].append(value)
            }
        } catch {
            switch error {
            case .tooMany: throw CaseworkError.invalid("query", .beyond(.tooManyParameters, most: URLEncoded.mostPairs))
            case .malformed(let name): throw CaseworkError.invalid(name, .notPercentEncoded)
            }
        }
        return try Fields.read(query: items, read)
    }

    /// `limit` and `cursor` of a list.
    public func page() throws -> PageRequest {
        try query { $0.page() }
    }

    /// `true` or `false` of the query string; false where it is not there.
    public func flag(_ name: String) throws -> Bool {
        try query { $0.value(name, .bool, default: false) }
    }

    /// What `If-Match` accepts; everything where it is not sent.
    public var ifMatch: IfMatch { IfMatch(header: request.headers[.ifMatch]) }

    /// The body's media type; nil where the request names none.
    /// - Throws: `unsupportedMediaType` for what is no media type, and for text that is not UTF-8.
    func mediaType() throws(CaseworkError) -> MediaType? {
        let type = try statedType()
        try type?.requireUTF8()
        return type
    }

    /// The same in any encoding, for who can read them.
    func statedType() throws(CaseworkError) -> MediaType? {
        guard let header = request.headers[.contentType] else { return nil }
        guard let type = MediaType(header) else {
            throw .unsupportedMediaType(Refusal(.notAMediaType, ["example": .text("application/json")]))
        }
        return type
    }

    /// The JSON object of the body.
    /// - Throws: `unsupportedMediaType`, `malformed`, `tooLarge`.
    public func json() async throws -> JSONObject {
        let media = try mediaType()?.name
        let isOptional =
            switch route.payload {
            case .optionalJSON, .jsonOrForm: true
            default: false
            }
        guard media == "application/json" || media == nil && isOptional else {
            if case .jsonOrCSV = route.payload {
                throw CaseworkError.unsupportedMediaType(Refusal(.notJSONOrCSV))
            }
            throw CaseworkError.unsupportedMediaType(Refusal(.notJSON))
        }
        let bytes = try await body(limit: 1 << 20)
        return isOptional && bytes.isEmpty ? JSONObject() : try JSONObject(parsing: bytes)
    }

    /// Receives the whole body and puts it in the place of the stream, so that it can be read more than once.
    /// - Throws: `CaseworkError.tooLarge` beyond the largest body the route takes.
    mutating func spoolBody() async throws -> Spool {
        let limit =
            switch route.payload {
            case .none, .json, .optionalJSON, .picture: 1 << 20
            case .csv, .zip, .jsonOrCSV, .jsonOrForm, .file: Self.largestFile
            }
        var writer = SpoolWriter()
        for try await chunk in request.body {
            guard writer.size + chunk.readableBytes <= limit else {
                throw CaseworkError.tooLarge(.beyond(.bodyTooLarge, most: limit))
            }
            try await writer.append(chunk.readableBytesView)
        }
        let body = writer.finish()
        request.body = .init(asyncSequence: body.map { ByteBuffer(bytes: $0) })
        return body
    }

    /// The whole body in memory.
    /// - Parameter limit: bytes; more throws `tooLarge`.
    func body(limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in request.body {
            guard bytes.count + chunk.readableBytes <= limit else {
                throw CaseworkError.tooLarge(.beyond(.bodyTooLarge, most: limit))
            }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }
}
