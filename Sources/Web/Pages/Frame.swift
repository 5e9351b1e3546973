import Casework
import HTTPTypes
import Hummingbird
import NIOCore

/// Makes an answer of a page's content: language, stylesheet, layout, messages and the headers every page has.
struct Frame: Sendable {
    let kit: PageKit
    let words: Catalogue
    let request: Request
    /// The session's; nil before sign-in.
    var secret: Secret?
    /// Whether it is an institution's, which has a color and a logo.
    var isBranded = false
    /// Where the page's forms may lead, redirects included.
    var formTargets = "'self'"

    /// - Parameters:
    ///   - title: what the tab says, before the institution's name.
    ///   - problems: of a form that comes again; the answer is then 422, or 412 where it showed an older version.
    func page(
        _ layout: Layout, title: String, status: HTTPResponse.Status = .ok, problems: [FieldProblem] = [],
        givenBack: GivenBack? = nil, @HTMLBuilder content: Content
    ) -> Response {
        let notice = Notice(query: request.uri.query ?? "", secret: secret)
        let messages = Messages(
            notice: notice, address: notice?.rest(of: request) ?? "", csrf: secret?.csrfToken ?? "", problems: problems,
            givenBack: givenBack, words: words)
        let parts = [problems.isEmpty ? title : "\(words[ShellText.error]): \(title)", layout.institution]
        let main = Web.main(.id("main"), .tabIndex(-1)) {
            div(.class("content")) {
                messages.html
                content()
            }
        }
        let document = HTMLBuilder.buildArray([
            HTML(trustedMarkup: "<!doctype html>\n"),
            html(.lang(words.language)) {
                head(title: parts.compactMap(\.self).joined(separator: " · "))
                layout.around(words, icons: kit.assets[.icons]) { main }
            },
            HTML(trustedMarkup: "\n"),
        ])
        return answer(ByteBuffer(bytes: document.bytes), status: status, problems: problems)
    }

    private func head(title: String) -> HTML {
        Web.head {
            meta(.charset("utf-8"))
            meta(.name("viewport"), .content("width=device-width, initial-scale=1"))
            Web.title { title }
            meta(.name("referrer"), .content("same-origin"))
            link(.rel("stylesheet"), .href(kit.assets[.stylesheet]))
            if isBranded { link(.rel("stylesheet"), .href("/brand.css")) }
            link(.rel("icon"), .href(kit.assets[.icon]), .type("image/svg+xml"))
            moduleScript(kit.assets[.script])
        }
    }

    private func answer(_ body: ByteBuffer, status: HTTPResponse.Status, problems: [FieldProblem]) -> Response {
        Response(
            status: problems.isEmpty ? status : problems.isOutdated ? .preconditionFailed : .unprocessableContent,
            headers: [
                .contentType: "text/html; charset=utf-8", .contentSecurityPolicy: contentSecurityPolicy,
                .openerPolicy: "same-origin",
            ], body: .init(byteBuffer: body))
    }

    private var contentSecurityPolicy: String {
        "default-src 'self'; base-uri 'none'; form-action \(formTargets); frame-ancestors 'none'; object-src 'none'"
    }
}

extension HTTPField.Name {
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    static let frameOptions = HTTPField.Name("X-Frame-Options")!
    static let openerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
    static let fetchSite = HTTPField.Name("Sec-Fetch-Site")!
}
