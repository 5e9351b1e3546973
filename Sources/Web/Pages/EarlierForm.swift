import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// A form that was not shown in the present sign-in: what was typed into it is given back to its own account, and to no other.
///
/// The proof that every form carries says in whose session it was shown, also after that has ended (`FormOrigin`). Only the
/// answer to whoever has just sent a text may show one whose account nobody can tell any more.
struct EarlierForm {
    let visit: Visit
    /// The field `csrf` as it was sent.
    let proof: String?

    private var words: Catalogue { visit.words }

    /// Where the form was going.
    private var address: String {
        let uri = visit.call.request.uri
        return uri.path + (uri.query.map { "?\($0)" } ?? "")
    }

    /// Whose form it is; nil where nobody can tell.
    private func owner() async throws -> Int? {
        guard let proof else { return nil }
        let gate = try visit.call.site.deployment.gate(of: visit.call.institution)
        return try await FormOrigin(gate: gate).account(csrfToken: proof)
    }

    /// Answers with the sign-in page. What was typed goes along with it, if the proof says whose it is.
    func signIn() async throws -> Response {
        guard visit.call.request.method == .post else {
            return visit.redirect(address == "/" ? "/sign-in" : "/sign-in?next=\(address.percentEncoded)")
        }
        let typed = TypedText(visit.form)
        var page = SignInPage(
            words: words, institution: await visit.institutionName(), resets: visit.call.site.sendsMail,
            provider: await visit.providerButton())
        var givenBack: GivenBack?
        // where the database is away, nobody can tell either
        if typed.isWhole, let proof, (try? await owner()) != nil {
            page.reason = words[SessionText.expired]
            page.carried = SignInPage.Carried(address: address, proof: proof, text: typed)
        } else {
            page.reason = words[SessionText.expiredCopy]
            givenBack = typed.shown(words)
        }
        return visit.page(
            .plain, title: words[SessionText.signIn], status: .unauthorized, givenBack: givenBack
        ) {
            page.html
        }
    }

    /// Answers somebody who is signed in. The form is sent only after its owner has seen what it holds, and agrees.
    /// - Parameter account: who has sent it.
    /// - Throws: `CaseworkError.forbidden` where it carries no proof at all.
    func answer(to account: Int) async throws -> Response {
        guard let proof, !proof.isEmpty else { throw CaseworkError.forbidden }
        let owner = try await owner()
        let typed = TypedText(visit.form)
        if owner == account {
            let page = ResumePage(
                heading: words[SessionText.earlierTitle], text: words[SessionText.earlierText], address: address,
                typed: typed, csrf: visit.csrf, words: words)
            return answer(page, status: .conflict)
        }
        let page = RefusalPage(
            heading: words[SessionText.otherTitle],
            text: words[owner == nil ? SessionText.unknownText : .otherText], words: words)
        return visit.page(
            .plain, title: page.heading, status: .forbidden, givenBack: owner == nil ? typed.shown(words) : nil
        ) {
            page.html
        }
    }

    /// Shows what a sign-in form carried along to the person who has just signed in by it.
    static func answer(_ visit: Visit, carriedTo address: String, by session: SignIn.Session) async throws -> Response {
        let form = EarlierForm(visit: visit, proof: visit.form["proof"])
        let account = try await visit.call.site.deployment.work(
            in: visit.call.institution, tokenHash: session.token.hash, audience: .any, writing: false
        ).enter()
        guard try await form.owner() == account else {
            let page = RefusalPage(
                heading: visit.words[SessionText.droppedTitle], text: visit.words[SessionText.droppedText],
                words: visit.words)
            return visit.page(.plain, title: page.heading) { page.html }
        }
        let page = ResumePage(
            heading: visit.words[SessionText.resumeTitle], text: visit.words[SessionText.resumeText],
            address: address, typed: TypedText(carriedBy: visit.form), csrf: session.token.secret.csrfToken,
            words: visit.words)
        return form.answer(page, status: .ok)
    }

    /// The page shows what it would send.
    private func answer(_ page: ResumePage, status: HTTPResponse.Status) -> Response {
        visit.page(.plain, title: page.heading, status: status, givenBack: page.typed.shown(words)) { page.html }
    }
}
