import Casework
import Hummingbird
import Tenancy

/// Asking for a link by which to choose another password, without being signed in.
enum ResetPages {
    static let routes: [PageRoute] = [
        .get("/forgot-password", .open) { await show($0) },
        .post("/forgot-password", .open) { visit in
            do {
                let email = try Fields.read(form: visit.form.fields) { $0.required("email", .email) }
                try await visit.call.askForReset(email: email)
            } catch CaseworkError.invalid(let problems) {
                return await show(visit.with(problems))
            } catch CaseworkError.throttled {
                let problem = FieldProblem(field: "", detail: visit.words[SessionText.throttled])
                return await show(visit.with([problem]))
            }
            return visit.redirect("/sign-in", done: .resetAsked)
        },
    ]

    private static func show(_ visit: Visit) async -> Response {
        let page = ResetPage(visit: visit, institution: await visit.institutionName())
        return visit.page(.plain, title: visit.words[SessionText.forgot]) { page.html }
    }
}

/// Where somebody asks for a link, or is told whom to ask.
struct ResetPage {
    let visit: Visit
    let institution: String

    private var words: Catalogue { visit.words }

    var html: HTML {
        section(.class("card")) {
            p(.class("quiet")) { bdi { institution } }
            h1 { words[SessionText.forgot] }
            if visit.call.site.sendsMail {
                p { words[SessionText.resetAskText] }
                form(.class("form"), .post, .action("/forgot-password")) {
                    visit.field(
                        Input(
                            name: "email", label: words[SessionText.email], kind: .line(type: "email"),
                            isRequired: true, limit: 254))
                    actions { submitButton(words[SessionText.resetAsk], .primary) }
                }
            } else {
                p { words[SessionText.forgotText, ["institution": institution]] }
            }
            p { a(.href("/sign-in")) { words[SessionText.signIn] } }
        }
    }
}
