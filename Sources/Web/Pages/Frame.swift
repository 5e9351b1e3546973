import Casework
import HTTPTypes
import Hummingbird
import NIOCore

/// Turns a template and what fills it into a page: language, stylesheet, messages and the headers every page has.
struct Frame: Sendable {
    let kit: PageKit
    let words: Catalogue
    let request: Request
    /// Where the page's forms may lead, redirects included.
    var formTargets = "'self'"

    /// - Parameters:
    ///   - template: its path below `Templates`, without the ending.
    ///   - problems: of a form that comes again; the answer is then 422.
    func render(
        _ template: String, title: String, status: HTTPResponse.Status, problems: [FieldProblem], _ model: Visit.Model
    ) throws -> Response {
        var model = model
        model["language"] = words.language
        model["title"] = problems.isEmpty ? title : "\(words.text("shell.error")): \(title)"
        if let notice = notice() { model["notice"] = notice }
        if !problems.isEmpty { model["problems"] = ["list": problems.map(entry(of:))] }
        let html = try kit.render(template, in: words.language, model)
        return Response(
            status: problems.isEmpty ? status : .unprocessableContent,
            headers: [
                .contentType: "text/html; charset=utf-8", .contentSecurityPolicy: contentSecurityPolicy,
                .openerPolicy: "same-origin",
            ], body: .init(byteBuffer: ByteBuffer(string: html)))
    }

    /// After a redirect: `?done=<key>` says what was done, in the catalogue's words and no others.
    private func notice() -> String? {
        let query = (request.uri.query ?? "").split(separator: "&")
        let done = query.first { $0.hasPrefix("done=") }
        guard let key = done.map({ "done.\($0.dropFirst(5))" }), words.has(key) else { return nil }
        return words.text(key, n: query.first { $0.hasPrefix("n=") }.flatMap { Int($0.dropFirst(2)) } ?? 1)
    }

    private func entry(of problem: FieldProblem) -> Visit.Model {
        guard !problem.field.isEmpty else { return ["text": problem.detail] }
        // what a page alone says is a sentence of its own; a refusal goes on behind its field's name
        let isWhole = problem.code == nil
        let text = isWhole ? problem.detail : "\(words.label(problem.field)): \(problem.detail)"
        return ["field": problem.field, "text": text]
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
