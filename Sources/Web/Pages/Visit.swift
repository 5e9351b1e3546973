import Casework
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Tenancy

/// A request for a page: who looks, what the form holds, and the means to answer with a page.
struct Visit: Sendable {
    let call: Call
    let kit: PageKit
    let words: Catalogue
    var form = Form.empty
    /// Problems of a form that comes again.
    var problems: [FieldProblem] = []

    /// What fills a template.
    typealias Model = [String: Any]

    /// Which frame a page stands in.
    enum Layout {
        /// Navigation at the left for staff; the student's single column for students. Chosen by the viewer's role.
        case app
        /// A single narrow column for strangers.
        case plain
    }

    /// Who looks.
    func viewer() async throws -> Viewer {
        guard let token = call.token else { throw EntryRefusal.notSignedIn }
        return try await Viewer.current(
            in: call.site.deployment.work(
                in: call.institution, tokenHash: token.hash, audience: .any, writing: false))
    }

    /// A page for somebody signed in. Templates extend `layouts/app` or `layouts/student`.
    /// - Parameters:
    ///   - template: its path below `Templates`, without the ending.
    ///   - title: what the tab says.
    ///   - current: the menu entry to mark, by its address.
    func page(
        _ template: String, title: String, viewer: Viewer, current: String = "", status: HTTPResponse.Status = .ok,
        _ model: Model = [:]
    ) throws -> Response {
        var model = model
        model["institution"] = viewer.institution
        model["viewer"] = viewer.name
        model["viewerInitials"] = viewer.name.initials
        model["csrf"] = csrf
        model["menu"] = Menu(words: words).model(for: viewer, current: current)
        return try render(template, title: title, status: status, model)
    }

    /// A page for anybody.
    func render(
        _ template: String, title: String, status: HTTPResponse.Status = .ok, _ model: Model = [:]
    ) throws -> Response {
        var model = model
        if model["csrf"] == nil { model["csrf"] = csrf }  // who has just signed in has another than the request
        return try Frame(kit: kit, words: words, request: call.request)
            .render(template, title: title, status: status, problems: problems, model)
    }

    /// 303 to another page, which says what was done: `done` is a key of the catalogue's `done` file, `count` to how many.
    func redirect(_ path: String, done: String? = nil, count: Int = 1) -> Response {
        var address = done.map { path + (path.contains("?") ? "&" : "?") + "done=\($0)" } ?? path
        if done != nil, count != 1 { address += "&n=\(count)" }
        return Response(status: .seeOther, headers: [.location: address])
    }

    /// The same visit with a form's problems, to show the form again.
    func with(_ problems: [FieldProblem]) -> Visit {
        var copy = self
        copy.problems = problems
        return copy
    }

    /// The same visit with what was refused, in its language.
    /// - Parameter place: the field it is shown at, where that has another name than the one that was refused.
    func with(_ refusals: [FieldRefusal], at place: (String) -> String = { $0 }) -> Visit {
        with(refusals.map { FieldProblem(FieldRefusal(place($0.field), $0.refusal), in: words) })
    }

    /// What a template's field shows: the typed value of a form that comes again, else the stored one, and its problem.
    func field(_ name: String, _ stored: String? = nil) -> Model {
        var model: Model = ["name": name, "value": form[name] ?? stored ?? ""]
        if let problem = problems.first(where: { $0.field == name }) { model["error"] = problem.detail }
        return model
    }

    /// Proof that a form came from our own page.
    var csrf: String { call.token?.secret.csrfToken ?? "" }
}

extension Form {
    static let empty = Form()
}

extension String {
    /// `AO` for Amara Osei: the first letters of the first and last word.
    var initials: String {
        let words = split(separator: " ")
        return String([words.first, words.count > 1 ? words.last : nil].compactMap { $0?.first }).uppercased()
    }
}
