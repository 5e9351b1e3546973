import Casework
import Events
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// First and last to see every request: checks its host, turns errors into answers, adds the security headers, tells why
/// an answer is a 5xx, and writes one log line (without personal data: no address, no query, no ids of people).
package struct Front<Inner: HTTPResponder>: HTTPResponder where Inner.Context == SiteContext {
    let inner: Inner
    let site: Site

    package init(inner: Inner, site: Site) {
        self.inner = inner
        self.site = site
    }

    package func respond(to request: Request, context: SiteContext) async throws -> Response {
        var context = context
        context.peer = site.proxies.client(of: request.headers, peer: context.peer)
        site.server.requestBegan()
        var response: Response
        do {
            try checkHost(of: request, isStream: context.isStream)
            try checkLength(of: request)
            response = try await inner.respond(to: Self.routable(request), context: context)
            if request.method != .head { response.body = try await response.body.complete() }
        } catch is HostProblem {
            response = Problem(.badRequest, .hostInvalid).response
            // where a request ends is in doubt too
            if !context.isStream { response.headers[.connection] = "close" }
        } catch let error where error is HTTPParserError || error is ChannelError {
            response = Problem(.badRequest, .bodyBroken).response
            if !context.isStream { response.headers[.connection] = "close" }
        } catch {
            let problem = Problem(answering: error, id: context.requestID)
            context.record.explain(problem.reason)
            response = problem.response
        }
        finish(&response, request: request, context: context)
        report(&response, to: request, context: context)
        return response
    }

    /// Tells why an answer is a 5xx, and has the request's line written when the answer ends.
    private func report(_ response: inout Response, to request: Request, context: SiteContext) {
        let (record, route, status) = (context.record, context.route, response.status.code)
        let method = Dispatch.methods.contains(request.method) ? request.method.rawValue : "other"
        let site = site
        if status >= 500 {
            record.explain(.unexplained)
            let reason = record.reason ?? .unexplained
            if status == 503 {
                site.observers.tell(RequestRefused(cause: reason.cause, reason: reason.text))
            } else {
                site.observers.tell(RequestFailed(cause: reason.cause, reason: reason.text, id: record.id))
            }
        }
        record.answered { [id = record.id, institution = record.institution] duration, reason in
            site.server.requestEnded(route: route, method: method, status: status, in: duration)
            if let institution { site.pace.add(duration, of: institution) }
            if let reason, status < 500 {
                site.observers.tell(AnswerBrokenOff(cause: reason.cause, reason: reason.text, id: id))
            }
            var line: Logger.Metadata = [
                "id": "\(id)", "method": "\(method)", "route": "\(route)", "status": .stringConvertible(status),
                "ms": .stringConvertible((duration / .milliseconds(1) * 100).rounded() / 100),
            ]
            if let reason { line["why"] = "\(reason.cause)" }
            site.logger.info("request", metadata: line)
        }
        guard response.body.isStreamed else { return record.end() }
        response.body = response.body.paced { error, isClientGone in
            record.end(error.map { isClientGone ? .clientGone : RefusalReason($0) })
        }
    }

    private func finish(_ response: inout Response, request: Request, context: SiteContext) {
        if request.method == .head { response = response.createHeadResponse() }
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
            throw Problem(.uriTooLong, .beyond(.addressTooLong, most: Self.longest))
        }
        guard request.headers.allSatisfy({ $0.value.utf8.count <= Self.longest }) else {
            throw Problem(.requestHeaderFieldsTooLarge, .beyond(.headerTooLong, most: Self.longest))
        }
    }

    /// The router finds paths by method. A method that it does not know is treated as TRACE, which no route takes.
    private static func routable(_ request: Request) -> Request {
        if Dispatch.methods.contains(request.method) { return request }
        var head = request.head
        head.method = .trace
        return Request(head: head, body: request.body)
    }

}

extension HTTPField.Name {
    static let host = HTTPField.Name("Host")!
}
