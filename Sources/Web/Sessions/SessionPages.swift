import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// Signing in and out, choosing a password by invitation, and the start page, which sends each role to its own.
enum SessionPages {
    static let routes: [PageRoute] = [
        .get("/", .signedIn(.any)) { visit in
            let viewer = try await visit.viewer()
            switch viewer.role {
            case "admin": return visit.redirect(viewer.studentVisibility ? "/overview" : "/setup")
            case "director", "manager": return visit.redirect("/overview")
            case "staff": return visit.redirect("/queue")
            default: return visit.redirect(viewer.studentVisibility ? "/dashboard" : "/directory")
            }
        },
        .get("/sign-in", .open) { visit in
            let next = try visit.call.query { $0.optional("next", .text(1...2000)) }
            let page = SignInPage(
                words: visit.words, institution: await visit.institutionName(),
                resets: visit.call.site.sendsMail, next: next.flatMap(\.ownPath) ?? "")
            return visit.page(.plain, title: visit.words[SessionText.signIn]) { page.html }
        },
        .post("/sign-in", .open, signIn),
        .post("/sign-out", .signedIn(.any)) { visit in
            if let token = visit.call.token { try await SessionRepository(work: visit.call.work()).end(token) }
            var response = visit.redirect("/sign-in")
            response.headers[.setCookie] = cookie("", maxAge: 0)
            response.headers[.clearSiteData] = "\"cache\""
            return response
        },
        .post("/language", .open) { visit in
            let wish = visit.form["language"] ?? ""
            var response = visit.redirect(visit.form["next"].flatMap(\.ownPath) ?? "/")
            if Catalogue.languages.contains(wish) {
                response.headers[.setCookie] =
                    "language=\(wish); Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000"
            }
            return response
        },
        .get("/invitations/{secret}", .open) { visit in
            guard let secret = Secret(try visit.call.word("secret")) else { return gone(visit) }
            do {
                return invitation(visit, try await invitations(visit).find(secret))
            } catch CaseworkError.notFound {
                return gone(visit)
            }
        },
        .post("/invitations/{secret}", .open) { visit in
            guard let secret = Secret(try visit.call.word("secret")) else { return gone(visit) }
            let site = visit.call.site
            var link: PasswordLink?
            do {
                try await invitations(visit).accept(secret, hashing: site.passwords, tells: site.sendsMail) { found in
                    link = found
                    return try Fields.read(form: visit.form.fields) {
                        $0.required("password", .password(of: found.owner))
                    }
                }
            } catch CaseworkError.notFound {
                return gone(visit)
            } catch CaseworkError.invalid(let problems) {
                guard let link else { return gone(visit) }
                return invitation(visit.with(problems), link)
            }
            return visit.redirect("/sign-in", done: .passwordSet)
        },
    ]

    private static func signIn(_ visit: Visit) async throws -> Response {
        let words = visit.words
        let form = visit.form
        do {
            let session = try await visit.call.signIn(
                email: form["email"] ?? "", password: form["password"] ?? "")
            var response: Response
            if let resume = form["resume"].flatMap(\.ownPath) {
                response = try await EarlierForm.answer(visit, carriedTo: resume, by: session)
            } else {
                response = visit.redirect(form["next"].flatMap(\.ownPath) ?? "/")
            }
            response.headers[.setCookie] = cookie(session.token.text)
            return response
        } catch let error as CaseworkError {
            let problem: FieldProblem
            switch error {
            case .unauthenticated, .invalid:
                problem = FieldProblem(field: "email", detail: words[SessionText.wrong])
            case .throttled: problem = FieldProblem(field: "", detail: words[SessionText.throttled])
            default: throw error
            }
            let page = SignInPage(
                words: words, institution: await visit.institutionName(), resets: visit.call.site.sendsMail,
                email: form["email"] ?? "", next: form["next"] ?? "",
                carried: form["resume"].map { address in
                    SignInPage.Carried(
                        address: address, proof: form["proof"] ?? "", text: TypedText(carriedBy: form))
                })
            return visit.with([problem]).page(.plain, title: words[SessionText.signIn]) { page.html }
        }
    }

    private static func invitations(_ visit: Visit) throws -> InvitationRepository {
        InvitationRepository(work: try visit.call.work())
    }

    private static func invitation(_ visit: Visit, _ link: PasswordLink) -> Response {
        let page = InvitationPage(
            address: visit.call.request.uri.path, link: link, problem: visit.typed.problem(of: "password"),
            words: visit.words)
        return visit.page(.plain, title: visit.words[page.heading]) { page.html }
    }

    private static func gone(_ visit: Visit) -> Response {
        let page = RefusalPage(
            heading: visit.words[SessionText.linkGone],
            text: visit.words[visit.call.site.sendsMail ? SessionText.linkGoneAskText : .linkGoneText],
            words: visit.words)
        return visit.page(.plain, title: page.heading, status: .notFound) { page.html }
    }

    private static func cookie(_ token: String, maxAge: Int? = nil) -> String {
        "\(Dispatch.cookieName)=\(token); Path=/; Secure; HttpOnly; SameSite=Lax"
            + (maxAge.map { "; Max-Age=\($0)" } ?? "")
    }
}

extension HTTPField.Name {
    static let clearSiteData = HTTPField.Name("Clear-Site-Data")!
}
