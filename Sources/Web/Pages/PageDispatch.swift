import Casework
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
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

    /// The page for an address that leads nowhere. It names the institution, if the database can be asked.
    func missing(_ request: Request, _ context: SiteContext) async throws -> Response {
        let words = try kit.words(for: request)
        let page = PageRoute.get("", .open) { _ in throw CaseworkError.notFound }
        do {
            return try await answer(request, context, page, words)
        } catch {
            return try plainPage(Problem.notFound, request, context, words)
        }
    }

    private func respond(_ request: Request, _ context: SiteContext, _ page: PageRoute) async throws -> Response {
        let words = try kit.words(for: request)
        do {
            return try await answer(request, context, page, words)
        } catch let error where error is HTTPParserError || error is ChannelError {
            throw error  // the body is broken off, and the connection with it
        } catch {
            return try failure(error, request, context, words)
        }
    }

    /// A page that says what failed here, and gives back what was typed.
    private func failure(
        _ error: any Error, _ request: Request, _ context: SiteContext, _ words: Catalogue,
        givingBack typed: GivenBack? = nil
    ) throws -> Response {
        let problem = Problem(answering: error, id: context.requestID)
        context.record.explain(problem.reason)
        return try plainPage(problem, request, context, words, givingBack: typed)
    }

    /// A refusal as a page that needs nothing from the database. Where the server is at fault it shows the request's id,
    /// which the log has too.
    private func plainPage(
        _ problem: Problem, _ request: Request, _ context: SiteContext, _ words: Catalogue,
        givingBack typed: GivenBack? = nil
    ) throws -> Response {
        var page = RefusalPage(problem.status, words)
        if problem.code == .secretKeyMissing {
            page = RefusalPage(heading: page.heading, text: words.refusal(Refusal(.secretKeyMissing)), words: words)
        }
        if problem.status.code >= 500 {
            page.reference = words[ErrorText.requestID, ["id": context.requestID]]
        }
        var response = Frame(kit: kit, words: words, request: request)
            .page(.plain, title: page.heading, status: problem.status, givenBack: typed) { page.html }
        if let seconds = problem.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    private func answer(
        _ request: Request, _ context: SiteContext, _ page: PageRoute, _ words: Catalogue
    ) async throws -> Response {
        guard let institution = try await site.institution(of: request) else {
            return try await respondBare(request, context, page, words)
        }
        context.record.concerns(institution.id)
        var words = words
        if kit.chosenWords(for: request) == nil { words = try await ownWords(of: institution) ?? words }
        let token = request.cookies[Dispatch.cookieName].flatMap { SessionToken(parsing: $0.value) }
            .flatMap { $0.institution == institution.id ? $0 : nil }
        let call = Call(
            request: request, institution: institution, token: token, peer: context.peer, site: site,
            route: page.route, parameters: context.parameters, id: context.requestID)
        var visit = Visit(call: call, kit: kit, words: words)
        var isUnread = false
        var proof: String?
        do {
            // another site's forms are refused before they are read, and before a sign-in could take them along
            guard page.method != .post || page.isFromAnywhere || request.isFromOwnOrigin else {
                throw CaseworkError.forbidden
            }
            isUnread = page.method == .post
            guard page.access == .open || token != nil else { throw EntryRefusal.notSignedIn }
            if page.method == .post {
                let account: Int? = if page.access == .open { nil } else { try await call.work().enter() }
                isUnread = false
                do {
                    visit.form = try await call.form(page.limit)
                } catch let cut as Form.CutShort {
                    visit.form = cut.form
                    throw cut.reason
                }
                proof = visit.form.fields.removeValue(forKey: "csrf")?.first
                visit.call.account = account ?? 0
                if let account, token?.secret.accepts(csrfToken: proof ?? "") != true {
                    return try await EarlierForm(visit: visit, proof: proof).answer(to: account)
                }
            }
            return try await handle(page, visit)
        } catch {
            // A body can be read only once. From somebody who may not send it, little is read.
            if isUnread {
                do {
                    visit.form = try await call.form(.beforeSignIn)
                } catch {
                    visit.form = (error as? Form.CutShort)?.form ?? .empty
                }
                proof = visit.form.fields.removeValue(forKey: "csrf")?.first
            }
            if case EntryRefusal.notSignedIn = error {
                return try await EarlierForm(visit: visit, proof: proof).signIn()
            }
            // the one page that an admin reaches who has yet to set up an authenticator
            if case EntryRefusal.codesNeeded = error, page.method != .post { return visit.redirect("/account/codes") }
            return try await refusal(error, visit, page, context)
        }
    }

    private func handle(_ page: PageRoute, _ visit: Visit) async throws -> Response {
        var visit = visit
        visit.takeVersion()
        do {
            return try await page.handle(visit)
        } catch let error as CaseworkError where page.method != .post && page.access != .open {
            // Only who may ask is told that the address is wrong, and perhaps nobody has entered yet.
            _ = try await visit.call.work().enter()
            throw error
        }
    }

    /// In the institution's language; nil where it has none, and where the database is away.
    private func ownWords(of institution: Institution) async throws -> Catalogue? {
        let gate = try site.deployment.gate(of: institution)
        let language: Language? = (try? await gate.read(SettingsRepository.language)) ?? nil
        return language.flatMap { kit.catalogues[$0.rawValue] }
    }

    /// On the bare domain there is one page: choosing the institution.
    private func respondBare(
        _ request: Request, _ context: SiteContext, _ page: PageRoute, _ words: Catalogue
    ) async throws -> Response {
        let authority = request.head.authority ?? ""
        guard RequestHost(authority: authority, domain: site.domain) == .bare, page.path == "/", page.method == .get
        else { throw Problem.notFound }
        let frame = Frame(kit: kit, words: words, request: request, formTargets: "'self' https://*.\(authority)")
        let title = words[SessionText.choose]
        let wish = (request.uri.query ?? "").split(separator: "&").first { $0.hasPrefix("institution=") }
        guard let slug = wish?.dropFirst(12).lowercased(), !slug.isEmpty else {
            return frame.page(.plain, title: title) { ChoosePage(words: words).html }
        }
        let known = slug.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 || $0 >= 0x61 && $0 <= 0x7a || $0 == 0x2d }
        guard known, try await site.deployment.institution(slug: slug)?.state == "active" else {
            let problem = FieldProblem(field: "institution", detail: words[SessionText.unknownInstitution])
            let page = ChoosePage(slug: slug.removingPercentEncoding ?? "", words: words)
            return frame.page(.plain, title: title, problems: [problem]) { page.html }
        }
        return Response(
            status: .seeOther, headers: [.location: "https://\(slug).\(authority)/"])
    }

    // MARK: Refusals

    private func refusal(
        _ error: any Error, _ visit: Visit, _ page: PageRoute, _ context: SiteContext
    ) async throws -> Response {
        if error is HTTPParserError || error is ChannelError { throw error }
        // a refusal loses nothing that was typed
        let typed = page.method == .post && page.access != .open ? TypedText(visit.form).shown(visit.words) : nil
        guard let problem = Problem(error, in: visit.words), problem.status.code < 500 else {
            return try failure(error, visit.call.request, context, visit.words, givingBack: typed)
        }
        let title = RefusalPage(problem.status, visit.words).heading
        let page = RefusalPage(problem, visit.words)
        var response: Response
        if let viewer = try? await visit.viewer() {
            response = visit.page(title: title, viewer: viewer, status: problem.status, givenBack: typed) { page.html }
        } else {
            response = visit.page(.plain, title: title, status: problem.status, givenBack: typed) { page.html }
        }
        if let seconds = problem.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }
}

extension RefusalPage {
    /// The refusal's own words, as far as the viewer may know them.
    fileprivate init(_ problem: Problem, _ words: Catalogue) {
        self.init(problem.status, words)
        if let missing = problem.missing {
            self.init(
                heading: words[ErrorText.notSetUp], text: words[ErrorText.notSetUpText],
                points: missing.map { SetupText(rawValue: $0).map { words[$0] } ?? $0 }, words: words)
        } else if problem.status == .conflict || problem.status == .unprocessableContent {
            let errors = problem.errors.map { words.sentence($0.detail, about: $0.field) }
            self.init(
                heading: heading, text: errors.isEmpty ? problem.detail : errors.joined(separator: " "),
                points: problem.blockedBy, words: words)
        }
    }
}

extension String {
    /// A path of this host and nothing that a browser could read as another: no `//`, no backslash, no scheme.
    var ownPath: String? {
        guard hasPrefix("/"), !hasPrefix("//"), !contains("\\"), utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return nil }
        return self
    }
}
