import Casework
import Foundation
import HTTPTypes
import Hummingbird
import Tenancy

/// Takes a browser's request through host, sign-in, role and proof of origin to its page, and turns refusals into pages.
struct PageDispatch: Sendable {
    let site: Site
    let kit: PageKit

    /// Puts pages and assets into the router.
    func mount(_ pages: [PageRoute], on router: Router<SiteContext>) {
        for page in pages { mount(page, on: router) }
        router.get("/assets/{name}") { _, context in
            try kit.assets.answer(context.parameters.get("name") ?? "")
        }
    }

    func mount(_ page: PageRoute, on router: Router<SiteContext>) {
        let path = RouterPath(page.path)
        router.on(path, method: page.method) { try await respond($0, $1, page) }
        if page.method == .get { router.on(path, method: .head) { try await respond($0, $1, page) } }
    }

    /// The page that says there is none at this address.
    func missing(_ request: Request, _ context: SiteContext) async throws -> Response {
        try await respond(request, context, .get("", .open) { _ in throw CaseworkError.notFound })
    }

    private func respond(_ request: Request, _ context: SiteContext, _ page: PageRoute) async throws -> Response {
        let words = try kit.words(for: request)
        let institution: Institution
        do {
            guard let found = try await self.institution(of: request) else {
                return try await respondBare(request, context, page, words)
            }
            institution = found
        } catch let problem as Problem {
            return try Frame(kit: kit, words: words, request: request).render(
                "errors/plain", title: words.text("errors.title404"), status: problem.status, problems: [],
                ["heading": words.text("errors.title404"), "text": words.text("errors.text404")])
        }
        let token = request.cookies[Dispatch.cookieName].flatMap { SessionToken(parsing: $0.value) }
            .flatMap { $0.institution == institution.id ? $0 : nil }
        let call = Call(
            request: request, institution: institution, token: token, peer: context.peer, site: site,
            route: page.route, parameters: context.parameters, id: context.requestID)
        var visit = Visit(call: call, kit: kit, words: words)
        var isUnread = page.method == .post
        do {
            // another site's forms are refused before they are read, and before a sign-in could take them along
            guard page.method != .post || request.isFromOwnOrigin else { throw CaseworkError.forbidden }
            guard page.access == .open || token != nil else { throw EntryRefusal.notSignedIn }
            if page.method == .post {
                if page.access != .open { _ = try await call.work().enter() }
                isUnread = false
                visit.form = try await call.form(page.limit)
                if page.access != .open { try checkCSRF(visit) }
                visit.form.fields["csrf"] = nil
            }
            return try await page.handle(visit)
        } catch {
            // A body can be read once. Where it was not read yet, a stranger sent it.
            if case EntryRefusal.notSignedIn = error, isUnread {
                visit.form = (try? await call.form(.beforeSignIn)) ?? .empty
            }
            return try await refusal(error, visit, page)
        }
    }

    /// On the bare domain there is one page: choosing the institution.
    private func respondBare(
        _ request: Request, _ context: SiteContext, _ page: PageRoute, _ words: Catalogue
    ) async throws -> Response {
        let authority = request.head.authority ?? ""
        guard RequestHost(authority: authority, domain: site.domain) == .bare, page.path == "/", page.method == .get
        else { throw Problem.notFound }
        let frame = Frame(kit: kit, words: words, request: request, formTargets: "'self' https://*.\(authority)")
        let title = words.text("sessions.choose")
        let wish = (request.uri.query ?? "").split(separator: "&").first { $0.hasPrefix("institution=") }
        guard let slug = wish?.dropFirst(12).lowercased(), !slug.isEmpty else {
            return try frame.render("sessions/choose", title: title, status: .ok, problems: [], ["domain": site.domain])
        }
        let known = slug.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 || $0 >= 0x61 && $0 <= 0x7a || $0 == 0x2d }
        guard known, try await site.deployment.institution(slug: slug)?.state == "active" else {
            return try frame.render(
                "sessions/choose", title: title, status: .ok,
                problems: [FieldProblem(field: "institution", detail: words.text("sessions.unknownInstitution"))],
                ["domain": site.domain, "value": slug.removingPercentEncoding ?? ""])
        }
        return Response(
            status: .seeOther, headers: [.location: "https://\(slug).\(authority)/"])
    }

    private func institution(of request: Request) async throws -> Institution? {
        guard let host = RequestHost(authority: request.head.authority ?? "", domain: site.domain) else { return nil }
        guard case .institution(let slug) = host else {
            if host == .bare { return nil }
            throw Problem.notFound
        }
        guard let found = try await site.deployment.institution(slug: slug), found.state == "active" else {
            throw Problem.notFound
        }
        return found
    }

    private func checkCSRF(_ visit: Visit) throws {
        guard let sent = visit.form["csrf"], let token = visit.call.token, token.secret.accepts(csrfToken: sent) else {
            throw CaseworkError.forbidden
        }
    }

    // MARK: Refusals

    private func refusal(_ error: any Error, _ visit: Visit, _ page: PageRoute) async throws -> Response {
        if case EntryRefusal.notSignedIn = error { return try signIn(visit, page) }
        guard let problem = Problem(error) else { throw error }
        let words = visit.words
        let key = words.has("errors.title\(problem.status.code)") ? "\(problem.status.code)" : "Other"
        var model: Visit.Model = [
            "heading": words.text("errors.title\(key)"), "text": words.text("errors.text\(key)"),
        ]
        if let missing = problem.missing {
            model["heading"] = words.text("errors.notSetUp")
            model["text"] = words.text("errors.notSetUpText")
            model["missing"] = missing.map { words.text("setup.\($0)") }
            model["hasMissing"] = !missing.isEmpty
        } else if problem.status == .conflict || problem.status == .unprocessableContent {
            let errors = problem.errors.map { "\(words.label($0.field)): \(words.sentence($0.detail))" }
            model["text"] = errors.isEmpty ? words.sentence(problem.detail) : errors.joined(separator: " ")
            model["missing"] = problem.blockedBy.map(words.blocker)
            model["hasMissing"] = !problem.blockedBy.isEmpty
        }
        var response: Response
        if let viewer = try? await visit.viewer() {
            response = try visit.page(
                viewer.role == "student" ? "errors/student" : "errors/app", title: words.text("errors.title\(key)"),
                viewer: viewer, status: problem.status, model)
        } else {
            response = try visit.render(
                "errors/plain", title: words.text("errors.title\(key)"), status: problem.status, model)
        }
        if let seconds = problem.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    /// To the sign-in page and back; what a form held goes along, so that nothing typed is lost.
    private func signIn(_ visit: Visit, _ page: PageRoute) throws -> Response {
        let uri = visit.call.request.uri
        if page.method != .post {
            let next = uri.path + (uri.query.map { "?\($0)" } ?? "")
            return visit.redirect(next == "/" ? "/sign-in" : "/sign-in?next=\(next.percentEncoded)")
        }
        return try visit.render(
            "sessions/sign-in", title: visit.words.text("sessions.signIn"), status: .unauthorized,
            [
                "expired": true, "resume": uri.path,
                "kept": visit.form.fields.filter { $0.key != "csrf" }.sorted { $0.key < $1.key }.flatMap {
                    name, values in
                    values.map { ["name": name, "value": $0] as Visit.Model }
                },
            ])
    }
}

extension String {
    /// For a query parameter's value.
    var percentEncoded: String {
        addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
