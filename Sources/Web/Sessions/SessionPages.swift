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
                resets: visit.call.site.sendsMail, provider: await visit.providerButton(),
                next: next.flatMap(\.ownPath) ?? "")
            return visit.page(.plain, title: visit.words[SessionText.signIn]) { page.html }
        },
        .post("/sign-in", .open) { visit in
            try await signIn(visit) {
                try await visit.call.signIn(email: visit.form["email"] ?? "", password: visit.form["password"] ?? "")
            }
        },
        .post("/sign-in/code", .open) { visit in
            try await signIn(visit) {
                guard let challenge = Secret(visit.form["challenge"] ?? "") else { throw CaseworkError.notFound }
                return try await visit.call.finishSignIn(challenge, code: visit.form["code"] ?? "")
            }
        },
        .post("/sign-out", .signedIn(.own)) { visit in
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

    /// Goes on with a session; else asks for a code, or for what was asked for once more.
    private static func signIn(_ visit: Visit, opening open: () async throws -> SignIn.Session) async throws -> Response
    {
        let words = visit.words
        let form = visit.form
        let isSecond = form["challenge"] != nil
        do {
            let session = try await open()
            var response: Response
            if let resume = form["resume"].flatMap(\.ownPath) {
                response = try await EarlierForm.answer(visit, carriedTo: resume, by: session)
            } else {
                response = visit.redirect(form["next"].flatMap(\.ownPath) ?? "/")
            }
            response.headers[.setCookie] = cookie(session.token.text)
            return response
        } catch let needed as SignIn.CodeNeeded {
            return await askForCode(visit, needed.challenge.text)
        } catch let error as CaseworkError {
            let problem: FieldProblem
            switch error {
            case .unauthenticated where isSecond:
                let wrong = FieldProblem(field: "code", detail: words[SessionText.wrongCode])
                return await askForCode(visit.with([wrong]), form["challenge"] ?? "")
            case .throttled where isSecond:
                let wrong = FieldProblem(field: "code", detail: words[SessionText.throttled])
                return await askForCode(visit.with([wrong]), form["challenge"] ?? "")
            case .notFound where isSecond:
                problem = FieldProblem(field: "", detail: words[SessionText.codeTooLate])
            case .unauthenticated, .invalid:
                problem = FieldProblem(field: "email", detail: words[SessionText.wrong])
            case .throttled: problem = FieldProblem(field: "", detail: words[SessionText.throttled])
            default: throw error
            }
            let page = SignInPage(
                words: words, institution: await visit.institutionName(), resets: visit.call.site.sendsMail,
                provider: form["resume"] == nil ? await visit.providerButton() : nil, email: form["email"] ?? "",
                next: form["next"] ?? "",
                carried: carried(by: form))
            return visit.with([problem]).page(.plain, title: words[SessionText.signIn]) { page.html }
        }
    }

    /// What was typed in an earlier session, and the form takes along.
    private static func carried(by form: Form) -> SignInPage.Carried? {
        form["resume"].map { address in
            SignInPage.Carried(address: address, proof: form["proof"] ?? "", text: TypedText(carriedBy: form))
        }
    }

    private static func askForCode(_ visit: Visit, _ challenge: String) async -> Response {
        let page = CodePage(
            visit: visit, institution: await visit.institutionName(), challenge: challenge,
            next: visit.form["next"] ?? "", carried: carried(by: visit.form))
        return visit.page(.plain, title: visit.words[SessionText.codeTitle]) { page.html }
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

    /// The cookie of a session.
    static func cookie(_ token: String, maxAge: Int? = nil) -> String {
        "\(Dispatch.cookieName)=\(token); Path=/; Secure; HttpOnly; SameSite=Lax"
            + (maxAge.map { "; Max-Age=\($0)" } ?? "")
    }
}

extension HTTPField.Name {
    static let clearSiteData = HTTPField.Name("Clear-Site-Data")!
}
