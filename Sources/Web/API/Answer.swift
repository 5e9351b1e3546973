import Casework
import HTTPTypes
import Hummingbird
import NIOCore

extension Call {
    /// 200 (or another status) with a JSON value.
    public func answer(_ value: some JSONEncodable, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: JSONWriter.bytes(of: value))))
    }

    /// One object with the strong ETag of its row.
    public func answer(
        _ value: some JSONEncodable & Versioned, status: HTTPResponse.Status = .ok
    ) -> Response {
        var response = answer(json: value, status: status)
        response.headers[.eTag] = value.version.entityTag
        return response
    }

    private func answer(json value: some JSONEncodable, status: HTTPResponse.Status) -> Response {
        answer(value, status: status)
    }

    /// A page of a list, with the RFC 8288 `Link` to the next.
    public func answer<Element: JSONEncodable>(_ page: Page<Element>) -> Response {
        var response = answer(json: page, status: .ok)
        if let next = page.next {
            var query = (request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("cursor=") }
            query.append("cursor=\(next)")
            response.headers[.link] = "<\(request.uri.path)?\(query.joined(separator: "&"))>; rel=\"next\""
        }
        return response
    }

    /// 204.
    public var nothing: Response { Response(status: .noContent) }
}

extension HTTPField.Name {
    /// RFC 8288.
    static let link = HTTPField.Name("Link")!
    /// Ties an answer to the log.
    static let requestID = HTTPField.Name("X-Request-Id")!
    /// draft-ietf-httpapi-idempotency-key-header.
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    /// The token of `GET /me`: a script of another site cannot read it there.
    static let csrfToken = HTTPField.Name("X-CSRF-Token")!
}
