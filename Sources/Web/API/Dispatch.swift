import Casework
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Tenancy

/// Takes a request through the checks of the API in their order: host, token, role, permission, media type, body.
struct Dispatch: Sendable {
    let site: Site
    /// SCIM says refusals in words of its own, and describes itself.
    var isSCIM = false

    /// Every method that the router knows on a path of the API. `Front` turns all others into the last of these.
    static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .query, .trace]

    /// Adds each route to the router, a 405 for each method that a path lacks, and the OpenAPI document.
    func mount(_ routes: [Route], on router: Router<SiteContext>, below prefix: String) {
        var methods: [String: [HTTPRequest.Method]] = isSCIM ? [:] : ["/openapi.json": [.get]]
        for route in routes {
            methods[route.path, default: []].append(route.method)
            let path = RouterPath(prefix + route.path)
            let handle: @Sendable (Request, SiteContext) async throws -> Response = { request, context in
                try await telling(context) { try await respond(request, context, route) }
            }
            router.on(path, method: route.method, use: handle)
            if route.method == .get { router.on(path, method: .head, use: handle) }
        }
        for (path, allowed) in methods {
            let taken = Self.methods.filter { allowed.contains($0) || ($0 == .head && allowed.contains(.get)) }
            let names = taken.map(\.rawValue).joined(separator: ", ")
            var problem = Problem(.methodNotAllowed, Refusal(.methodNotTaken, ["methods": .text(names)]))
            problem.allow = names
            let refusal = problem
            for method in Self.methods where !taken.contains(method) {
                router.on(RouterPath(prefix + path), method: method) { request, context -> Response in
                    try await telling(context) {
                        _ = try await site.institution(of: request)
                        throw refusal
                    }
                }
            }
        }
        guard !isSCIM else { return }
        let document = OpenAPI.document(of: routes)
        router.look(RouterPath(prefix + "/openapi.json")) { request, _ in
            _ = try await site.institution(of: request)
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(bytes: document)))
        }
    }

    /// Says a refusal as SCIM does. A body that broke off is the front's to answer, which closes the connection then.
    private func telling(
        _ context: SiteContext, _ answer: () async throws -> Response
    ) async throws -> Response {
        guard isSCIM else { return try await answer() }
        do {
            return try await answer()
        } catch  where !(error is HTTPParserError || error is ChannelError) {
            let problem = Problem(answering: error, id: context.requestID)
            context.record.explain(problem.reason)
            return problem.scimResponse
        }
    }

    private func respond(_ request: Request, _ context: SiteContext, _ route: Route) async throws -> Response {
        let (institution, token) = try await identify(request, route: route)
        context.record.concerns(institution.id)
        var call = Call(
            request: request, institution: institution, token: token, peer: context.peer, site: site, route: route,
            parameters: context.parameters, id: context.requestID)
        guard route.access != .open else { return try await route.handle(call) }
        guard !route.writes else {
            call.account = try await admit(call)
            // what has no ETag fits no `If-Match`
            guard route.hasTag || route.method == .post || call.ifMatch == .any else {
                throw CaseworkError.preconditionFailed
            }
            return try await call.once { try await route.handle($0) }
        }
        do {
            return try await route.handle(call)
        } catch let error as CaseworkError {
            // Only who may ask is told that the query is wrong, and nobody has entered yet.
            _ = try await admit(call)
            throw error
        }
    }

    /// Role and permission, before the body is looked at.
    /// - Returns: the caller's account id.
    private func admit(_ call: Call) async throws -> Int {
        let work = try call.work()
        guard let permission = call.route.permission else { return try await work.enter() }
        let found: Permission
        do {
            found = try permission(call)
        } catch {
            _ = try await work.enter()
            throw error
        }
        return try await found.check(in: work, changing: call.route.writes)
    }

    private func identify(_ request: Request, route: Route) async throws -> (Institution, SessionToken?) {
        let bearer = bearerToken(of: request)
        let institution: Institution
        if let found = try await site.institution(of: request) {
            institution = found
        } else {
            guard route.access != .open else { throw Problem.notFound }
            guard let token = bearer.flatMap({ SessionToken(parsing: $0) }),
                let found = try await site.deployment.institution(id: token.institution)
            else { throw EntryRefusal.notSignedIn }
            guard found.state == "active" else { throw Problem.notFound }
            institution = found
        }
        guard route.access != .open else { return (institution, nil) }
        if bearer == nil, let cookie = request.cookies[Self.cookieName]?.value,
            let token = SessionToken(parsing: cookie)
        {
            guard token.institution == institution.id else { throw EntryRefusal.notSignedIn }
            if route.writes { try checkOrigin(of: request, token: token) }
            return (institution, token)
        }
        guard let bearer, let token = SessionToken(parsing: bearer), token.institution == institution.id else {
            throw EntryRefusal.notSignedIn
        }
        return (institution, token)
    }

    private func bearerToken(of request: Request) -> String? {
        guard let header = request.headers[.authorization] else { return nil }
        let parts = header.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return "" }
        return String(parts[1])
    }

    /// A browser's cookie goes with every request, also with those another site causes: a change needs proof that our own
    /// page sent it.
    private func checkOrigin(of request: Request, token: SessionToken) throws {
        guard request.isFromOwnOrigin, let sent = request.headers[.csrfToken], token.secret.accepts(csrfToken: sent)
        else {
            throw Problem(.forbidden, .originUnproven)
        }
    }

    /// The sign-in cookie of the pages.
    static let cookieName = "__Host-waymark"
}

extension Site {
    /// The institution the host names; nil on the bare domain.
    /// - Throws: `Problem.notFound` where there is none, or it is suspended.
    func institution(of request: Request) async throws -> Institution? {
        guard let host = RequestHost(authority: request.head.authority ?? "", domain: domain) else {
            throw Problem(.badRequest, .hostInvalid)
        }
        switch host {
        case .foreign: throw Problem.notFound
        case .bare: return nil
        case .institution(let slug):
            guard let found = try await deployment.institution(slug: slug), found.state == "active" else {
                throw Problem.notFound
            }
            return found
        }
    }
}

extension Request {
    /// Whether the browser says that a page of this very host caused it.
    var isFromOwnOrigin: Bool {
        let site = headers[.fetchSite]
        return headers[.origin] == "https://\(head.authority ?? "")" && (site == nil || site == "same-origin")
    }
}

extension Router {
    /// GET and HEAD.
    func look(_ path: RouterPath, _ handle: @Sendable @escaping (Request, Context) async throws -> Response) {
        on(path, method: .get, use: handle)
        on(path, method: .head, use: handle)
    }
}

extension HTTPRequest.Method {
    /// draft-ietf-httpbis-safe-method-w-body.
    fileprivate static let query = HTTPRequest.Method("QUERY")!
}
