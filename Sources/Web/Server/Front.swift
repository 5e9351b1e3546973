import Casework
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// The context of a request below the front: what the router needs, and what the front found out.
package struct SiteContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The client's address, for throttling.
    var peer: String
    /// Whether the request is a stream of an HTTP/2 connection.
    let isStream: Bool
    var requestID = ""

    /// The template of the path, which names no one; `-` where no route matched.
    var route: String {
        guard let path = endpointPath, path.hasPrefix("/") else { return "-" }
        return path
    }

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? "unknown"
        // a stream's parent is its connection, whose parent is the listening socket
        isStream = source.channel.parent?.parent != nil
    }
}

/// First and last to see every request: checks its host, gives it an id, turns errors into answers, adds the security
/// headers and writes one log line (without personal data: no address, no query, no ids of people).
package struct Front<Inner: HTTPResponder>: HTTPResponder where Inner.Context == SiteContext {
    let inner: Inner
    let site: Site

    package init(inner: Inner, site: Site) {
        self.inner = inner
        self.site = site
    }

    package func respond(to request: Request, context: SiteContext) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = RequestIdentifier.next()
        context.peer = site.proxies.client(of: request.headers, peer: context.peer)
        var response: Response
        do {
            try checkHost(of: request, isStream: context.isStream)
            try checkLength(of: request)
            response = try await inner.respond(to: Self.routable(request), context: context)
        } catch is HostProblem {
            response = Problem(.badRequest, "A request needs exactly one valid Host.").response
            // where a request ends is in doubt too
            if !context.isStream { response.headers[.connection] = "close" }
        } catch let error where error is HTTPParserError || error is ChannelError {
            response = Problem(.badRequest, "The body is broken off or malformed.").response
            if !context.isStream { response.headers[.connection] = "close" }
        } catch {
            response = answer(error, id: context.requestID)
        }
        finish(&response, request: request, context: context)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        site.metrics.record(status: response.status.code, seconds: seconds)
        site.logger.info(
            "request",
            metadata: [
                "id": "\(context.requestID)", "method": "\(request.method.rawValue)",
                "route": "\(context.route)", "status": .stringConvertible(response.status.code),
                "ms": .stringConvertible((seconds * 100_000).rounded() / 100),
            ])
        return response
    }

    private func finish(_ response: inout Response, request: Request, context: SiteContext) {
        if request.method == .head {
            response = response.createHeadResponse()
        } else if let paced = response.body.paced() {
            response.body = paced
        }
        // RFC 9110: a 204 has no Content-Length
        if response.status == .noContent { response.headers[.contentLength] = nil }
        response.headers.append(HTTPField(name: .requestID, value: context.requestID))
        response.headers.append(HTTPField(name: .strictTransportSecurity, value: "max-age=63072000; includeSubDomains"))
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.frameOptions] = "DENY"
        response.headers[.referrerPolicy] = "same-origin"
        if !response.headers.contains(.contentSecurityPolicy) {
            response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
        if !response.headers.contains(.cacheControl) {
            response.headers.append(HTTPField(name: .cacheControl, value: "no-store"))
        }
    }

    private struct HostProblem: Error {}

    /// HTTP/1 has one `Host`; HTTP/2 may repeat its `:authority` there.
    private func checkHost(of request: Request, isStream: Bool) throws {
        guard let authority = request.head.authority, RequestHost(authority: authority, domain: site.domain) != nil
        else {
            throw HostProblem()
        }
        guard request.headers.contains(.host) else { return }
        let others = request.headers[values: .host]
        guard isStream, others.count == 1, others[0].lowercased() == authority.lowercased() else { throw HostProblem() }
    }

    /// The longest address, and the longest value of a header field, in bytes.
    private static var longest: Int { 16 << 10 }

    private func checkLength(of request: Request) throws {
        guard (request.head.path ?? "").utf8.count <= Self.longest else {
            throw Problem(.uriTooLong, "An address may have \(Self.longest) bytes at most.")
        }
        guard request.headers.allSatisfy({ $0.value.utf8.count <= Self.longest }) else {
            throw Problem(.requestHeaderFieldsTooLarge, "A header field may have \(Self.longest) bytes at most.")
        }
    }

    /// The router finds paths by method: one that it does not know goes the way of TRACE, which nothing takes.
    private static func routable(_ request: Request) -> Request {
        if Dispatch.methods.contains(request.method) { return request }
        var head = request.head
        head.method = .trace
        return Request(head: head, body: request.body)
    }

    private func answer(_ error: any Error, id: String) -> Response {
        if let problem = Problem(error) { return problem.response }
        if error is CancellationError {
            var problem = Problem(.serviceUnavailable, "The server is stopping. Try again.")
            problem.retryAfter = 5
            return problem.response
        }
        if let known = error as? any HTTPResponseError {
            return Problem(known.status, known.status.reasonPhrase).response
        }
        site.logger.error("unforeseen", metadata: ["id": "\(id)", "error": "\(error)"])
        return Problem(
            .internalServerError, "Something went wrong here. Say this request id when you report it: \(id)."
        )
        .response
    }
}

/// Short ids that tie an answer to its log line: 64 random bits in base 36.
enum RequestIdentifier {
    static func next() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36)
    }
}

extension HTTPField.Name {
    static let host = HTTPField.Name("Host")!
}
