import Casework
import Foundation
import HTTPTypes
import Mail
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// Texts of reminders that are the institution's own, and its language.
@Suite struct MailTemplateTests {
    private func bytes(_ scene: MailScene) throws -> String {
        String(decoding: try #require(scene.transport.mails.last).bytes, as: UTF8.self)
            .replacing("=\r\n", with: "")
    }

    @Test func `a reminder says what the admin wrote, in the language of whom it goes to`() async throws {
        let scene = try await MailScene.make()
        let admin = scene.place.client(scene.cohort.admin)
        for (language, subject) in [("en", "Soon: {title}"), ("es", "Pronto: {title} para {name}")] {
            let stored = try await admin.send(
                .put, "/api/v1/mail-templates/\(language)",
                json: #"""
                    {"subject":"\#(subject)","opening":"Dear {name},\n{count} at {institution} by {date} {{ok}",
                     "closing":"Ask us."}
                    """#)
            #expect(stored.status == 200, "\(stored.text)")
            #expect(stored.headers[.eTag] == "\"1\"")
        }
        try await scene.place.run("update settings set language = 'es'")
        try await scene.work()
        let spanish = try bytes(scene)
        #expect(spanish.contains("Subject: Pronto: Meet your advisor para Ada Lovelace"), "\(spanish)")
        #expect(spanish.contains("Dear Ada Lovelace,\r\n1 at Test College by 14 de marzo de 2028 {ok}"))
        #expect(spanish.contains("Ask us.") && spanish.contains("/unsubscribe/"))
        #expect(spanish.contains("Fall, vence el 14 de marzo de 2028") || spanish.contains("Fall"))
        #expect(spanish.contains("Content-Language: es"))

        try await scene.place.run("delete from mails")
        try await scene.place.run("update turns set done_on = null where work = 'reminders'")
        try await scene.place.run("update mail_preferences set language = 'en'")
        try await scene.work()
        #expect(try bytes(scene).contains("Subject: Soon: Meet your advisor"), "who has chosen keeps it")

        let gone = try await admin.send(.delete, "/api/v1/mail-templates/en")
        #expect(gone.status == 204)
        #expect(try await admin.send(.delete, "/api/v1/mail-templates/en").status == 404)
        try await scene.place.run("delete from mails")
        try await scene.place.run("update turns set done_on = null where work = 'reminders'")
        try await scene.work()
        #expect(try bytes(scene).contains("Subject: Due March 14, 2028: Meet your advisor"))
        let audit = try await admin.send(.get, "/api/v1/audit?subject=template/en").json()["items"]?.elements ?? []
        #expect(audit.map { $0["action"]?.string } == ["template.delete", "template.update"])
        #expect(audit.first?["before"]?["closing"]?.string == "Ask us.")
    }

    @Test func `a text with unknown placeholders is refused, and a decision about an older one too`() async throws {
        let it = try await TestCohort.make()
        let path = "/mail-templates/en"
        let unknown = try await it.send(
            it.admin, "PUT \(path)", json: #"{"subject":"{nmae}","opening":"{","closing":"{x} {y}"}"#)
        #expect(unknown.status == 422)
        #expect(
            try unknown.json()["errors"]?.elements.map { "\($0["field"]?.string ?? "") \($0["code"]?.string ?? "")" }
                == [
                    "subject unknown-placeholders", "opening open-brace", "closing unknown-placeholders",
                ])
        #expect(unknown.text.contains("{x}, {y}; known are {name}, {institution}"))
        for body in [
            #"{"subject":"","opening":"o"}"#, #"{"subject":"a\nb","opening":"o"}"#, #"{"opening":"o"}"#,
            #"{"subject":"s","opening":"o","more":"x"}"#,
            #"{"subject":"s","opening":"\#(String(repeating: "x", count: 2_001))"}"#,
        ] { #expect(try await it.send(it.admin, "PUT \(path)", json: body).status == 422, "\(body.prefix(60))") }
        let body = #"{"subject":"s","opening":"o"}"#
        for (tag, status) in [("\"1\"", 412), ("\"0\"", 200), ("\"0\"", 412), ("\"1\"", 200)] {
            let answer = try await it.send(it.admin, "PUT \(path)", json: body, headers: [.ifMatch: tag])
            #expect(answer.status == status, "\(tag): \(answer.text)")
        }
        #expect(try await it.send(it.admin, "DELETE \(path)", headers: [.ifMatch: "\"1\""]).status == 412)
        #expect(try await it.send(it.admin, "PUT /mail-templates/fr", json: body).status == 404)
        #expect(try await it.send(it.staff, "PUT \(path)", json: body).status == 403)
        let elsewhere = try await TestCohort.make()
        #expect(
            try await elsewhere.send(elsewhere.admin, "GET /mail-templates").json()["items"]?.elements.isEmpty == true)
    }

    @Test func `an admin looks at the mail before it is saved, and goes back to the standard text`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.admin)
        let path = "/settings/mail/en"
        let first = try await browser.get(path).text
        #expect(first.contains("value=\"Due {date}: {title}\"") && first.contains("These are the standard texts."))
        #expect(try await browser.get("/settings").text.contains("href=\"/settings/mail/en\""))
        let texts = ["subject": "News <for> {name}", "opening": "Hi {name},\n\nsee {title}.", "closing": "Bye"]
        let look = try await browser.submit(path, texts.merging(["action": "preview"]) { $1 })
        #expect(look.status == 200 && look.text.contains("News &lt;for&gt; Ada Lovelace"))
        #expect(
            look.text.contains("see Talk to your advisor.") && look.text.contains("value=\"News &lt;for&gt; {name}\""))
        #expect(try await it.place.number("select count(*) from mail_templates") == 0, "nothing is stored yet")
        let wrong = try await browser.submit(
            path, texts.merging(["action": "preview", "closing": "{who}"]) { $1 })
        #expect(wrong.status == 422 && wrong.text.contains("id=\"closing-error\"") && wrong.text.contains("{who}"))
        let saved = try await browser.post(
            path, look.hiddenFields(to: path).merging(texts) { $1 }.merging(["action": "save"]) { $1 })
        #expect(saved.status == 303, "the form of the preview saves: \(saved.text)")
        let stale = try await browser.post(path, texts.merging(["action": "save", "version": "0"]) { $1 })
        #expect(stale.status == 412 && stale.text.contains("has changed since"))
        #expect(try await browser.get(path).text.contains("These texts are your own."))
        #expect(try await browser.submit("\(path)/standard", on: path).status == 303)
        #expect(try await browser.get(path).text.contains("value=\"Due {date}: {title}\""))
        #expect(try await browser.get("/settings/mail/fr").status == 404)
        #expect(try await it.place.client().asBrowser(it.staff).get(path).status == 403)
    }

    @Test func `pages come in the institution's language where the browser asks for none of ours`() async throws {
        let it = try await TestCohort.make()
        let client = it.place.client()
        let language = { (headers: HTTPFields) in
            let page = try await client.send(.get, "/sign-in", headers: headers).text
            return page.firstMatch(of: /<html lang="(\w+)"/).map { String($0.1) }
        }
        #expect(try await language([:]) == "en")
        let changed = try await it.send(it.admin, "PATCH /settings", json: #"{"language":"es"}"#)
        #expect(changed.status == 200 && changed.text.contains(#""language":"es""#))
        #expect(try await language([:]) == "es")
        #expect(try await language([.acceptLanguage: "de"]) == "es")
        #expect(try await language([.acceptLanguage: "en-US"]) == "en")
        #expect(try await language([.cookie: "language=en"]) == "en")
        #expect(try await it.send(it.admin, "PATCH /settings", json: #"{"language":"fr"}"#).status == 422)
        let cleared = try await it.send(it.admin, "PATCH /settings", json: #"{"language":null}"#)
        #expect(cleared.text.contains(#""language":null"#))
        #expect(try await language([:]) == "en")
    }
}
