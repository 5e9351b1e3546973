import Casework
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The context of a request below the front: what the router needs, and what the front found out.
package struct SiteContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    let peer: String
    var requestID = ""

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? "unknown"
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
        var response: Response
        do {
            try checkHost(of: request)
            response = try await inner.respond(to: request, context: context)
        } catch {
            response = answer(error, id: context.requestID)
        }
        if request.method == .head { response = response.createHeadResponse() }
        response.headers[.requestID] = context.requestID
        response.headers[.strictTransportSecurity] = "max-age=63072000; includeSubDomains"
        response.headers[.xContentTypeOptions] = "nosniff"
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        let seconds = Double((ContinuousClock.now - start).components.attoseconds) / 1e18
            + Double((ContinuousClock.now - start).components.seconds)
        site.metrics.record(status: response.status.code, seconds: seconds)
        site.logger.info(
            "request",
            metadata: [
                "id": "\(context.requestID)", "method": "\(request.method.rawValue)",
                "route": "\(context.endpointPath ?? "-")", "status": "\(response.status.code)",
                "ms": "\((seconds * 100_000).rounded() / 100)",
            ])
        return response
    }

    private func checkHost(of request: Request) throws {
        let other = request.headers[values: .host]
        guard let authority = request.head.authority, RequestHost(authority: authority, domain: site.domain) != nil,
            other.isEmpty
        else {
            throw Problem(.badRequest, "A request needs exactly one valid Host.")
        }
    }

    private func answer(_ error: any Error, id: String) -> Response {
        if let problem = Problem(error) { return problem.response }
        if let known = error as? any HTTPResponseError {
            return Problem(known.status, known.status.reasonPhrase).response
        }
        site.logger.error("unforeseen", metadata: ["id": "\(id)", "error": "\(error)"])
        return Problem(.internalServerError, "Something went wrong here. Say this request id when you report it: \(id).")
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
