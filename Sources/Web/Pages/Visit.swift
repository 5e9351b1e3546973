import Casework
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Tenancy

/// A request for a page: who looks, what the form holds, and the means to answer with a page.
struct Visit: Sendable {
    var call: Call
    let kit: PageKit
    let words: Catalogue
    var form = Form.empty
    /// The version that the page of this form showed; nil where the form names none.
    var seen: Version?
    /// Problems of a form that comes again.
    var problems: [FieldProblem] = []

    /// Who looks.
    func viewer() async throws -> Viewer {
        guard let token = call.token else { throw EntryRefusal.notSignedIn }
        let work = try call.site.deployment.work(
            in: call.institution, tokenHash: token.hash, audience: .any, writing: false)
        return try await told(work.read(Viewer.reading), in: work)
    }

    /// What the institution is called, for pages before anybody is known: its address's word where the database is away, for
    /// those pages keep what somebody typed.
    func institutionName() async -> String {
        let gate = try? call.site.deployment.gate(of: call.institution)
        return (try? await gate?.read(SettingsRepository.institutionName)) ?? call.institution.slug
    }

    /// A page for somebody signed in, in the layout of their role.
    /// - Parameters:
    ///   - title: what the tab says.
    ///   - current: the menu entry to mark, by its address.
    ///   - givenBack: what was typed and has no field any more.
    func page(
        title: String, viewer: Viewer, current: String = "", status: HTTPResponse.Status = .ok,
        givenBack: GivenBack? = nil, @HTMLBuilder content: Content
    ) -> Response {
        let layout: Layout =
            viewer.role == "student"
            ? .student(
                institution: viewer.institution, name: viewer.name, today: viewer.today, unread: viewer.unread,
                csrf: csrf,
                isPreview: false)
            : .staff(viewer, current: current, csrf: csrf)
        return page(layout, title: title, status: status, givenBack: givenBack, content: content)
    }

    /// A page in the given layout.
    func page(
        _ layout: Layout, title: String, status: HTTPResponse.Status = .ok, givenBack: GivenBack? = nil,
        @HTMLBuilder content: Content
    ) -> Response {
        Frame(kit: kit, words: words, request: call.request, secret: call.token?.secret, isBranded: true)
            .page(layout, title: title, status: status, problems: problems, givenBack: givenBack, content: content)
    }

    /// 303 to another page, which says what was done.
    /// - Parameters:
    ///   - count: to how many.
    ///   - subject: to what, by its name.
    ///   - undo: the steps that the page offers to take back, `Notice.undo`.
    func redirect(
        _ path: String, done: DoneText? = nil, count: Int = 1, subject: String? = nil, undo: [String] = []
    ) -> Response {
        let notice = done.map { Notice(done: $0, count: count, subject: subject, undo: undo) }
        return Response(
            status: .seeOther, headers: [.location: notice?.address(path, secret: call.token?.secret) ?? path])
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
        with(
            refusals.map { refused in
                FieldProblem(
                    field: place(refused.field), code: refused.refusal.code,
                    detail: words.sentence(words.refusal(refused.refusal), about: refused.field))
            })
    }

    /// What a change by this form demands: what was seen is what is changed. None, which fits nothing, where the form says none.
    var seenVersion: IfMatch { .versions(Set(seen.map { [$0.number] } ?? [])) }

    /// Takes the version out of the form's fields, since nobody has typed it.
    mutating func takeVersion() {
        seen = form.fields.removeValue(forKey: "version")?.first.flatMap { Int($0) }.map { Version($0) }
    }

    /// Proof that a form came from our own page.
    var csrf: String { call.token?.secret.csrfToken ?? "" }
}

extension Form {
    static let empty = Form()
}
