import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// Logo and color: chosen by admins, seen by everybody, and by nobody of another institution.
@Suite struct BrandingTests {
    private static let picture: [UInt8] =
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Array(repeating: 7, count: 500)

    @Test func `a color that can be read is on every page, before sign-in too`() async throws {
        let college = try await TestInstitution.make(name: "Northfield")
        let admin = college.client(try await college.person("admin"))
        let stranger = college.client()
        #expect(try await stranger.send(.get, "/brand.css").text.isEmpty)
        let answer = try await admin.send(.patch, "/api/v1/settings", json: ##"{"color":"#7A1F4B"}"##)
        #expect(answer.text("color") == "#7a1f4b")
        let css = try await stranger.send(.get, "/brand.css")
        #expect(css.status == 200)
        #expect(css.headers[.contentType] == "text/css; charset=utf-8")
        #expect(css.text.contains("--brand: #7a1f4b;") && css.text.contains("prefers-color-scheme: dark"))
        #expect(try await stranger.send(.get, "/sign-in").text.contains("href=\"/brand.css\""))
        let tag = try #require(css.headers[.eTag])
        #expect(try await stranger.send(.get, "/brand.css", headers: [.ifNoneMatch: tag]).status == 304)
        let other = try await TestInstitution.make(name: "Southfield")
        #expect(try await other.client().send(.get, "/brand.css").text.isEmpty)
        #expect(try await admin.send(.patch, "/api/v1/settings", json: #"{"color":null}"#).status == 200)
        #expect(try await stranger.send(.get, "/brand.css", headers: [.ifNoneMatch: tag]).text.isEmpty)
        #expect(try await college.audited() == ["settings.update settings", "settings.update settings"])
    }

    @Test func `a pale color is refused, and one is named that would do`() async throws {
        let college = try await TestInstitution.make()
        let admin = college.client(try await college.person("admin"))
        let refused = try await admin.send(.patch, "/api/v1/settings", json: ##"{"color":"#f0c040"}"##)
        #expect(refused.status == 422)
        let problem = try #require(try refused.json()["errors"]?[0])
        #expect(problem["field"]?.string == "color")
        let detail = try #require(problem["detail"]?.string)
        let offered = try #require(detail.firstMatch(of: /#[0-9a-f]{6}/)).output
        let answer = try await admin.send(.patch, "/api/v1/settings", json: ##"{"color":"\##(offered)"}"##)
        #expect(answer.text("color") == String(offered))
    }

    @Test func `a logo comes and goes, by API and by page, and is nobody else's`() async throws {
        let college = try await TestInstitution.make()
        let person = try await college.person("admin")
        let admin = college.client(person)
        let put = try await admin.send(.put, "/api/v1/settings/logo", body: Self.picture, contentType: "image/png")
        #expect(put.status == 200)
        let address = try #require(put.text("logo"))
        let served = try await college.client().send(.get, address)
        #expect(served.status == 200 && served.bytes == Self.picture)
        #expect(served.headers[.contentType] == "image/png" && served.headers[.xContentTypeOptions] == "nosniff")
        #expect(try await college.client().send(.get, "/brand.css").text.contains("url(\"\(address)\")"))
        let other = try await TestInstitution.make()
        #expect(try await other.client().send(.get, address).status == 404)

        let browser = try await college.client().asBrowser(person)
        let page = "/settings/branding"
        let hidden = try await browser.get(page).hiddenFields(to: page).map { (name: $0.key, value: $0.value) }
        let removed = try await browser.upload(page, hidden + [("color", "#7a1f4b"), ("removeLogo", "true")])
        #expect(removed.headers[.location] == "\(page)?done=saved")
        #expect(removed.headers[.init("Clear-Site-Data")!] == #""cache""#)
        #expect(try await college.client().send(.get, address).status == 404)
        let again = try await browser.get(page).hiddenFields(to: page).map { (name: $0.key, value: $0.value) }
        let file = (name: "logo", fileName: "a.png", type: "text/html", bytes: Self.picture)
        #expect(try await browser.upload(page, again + [("color", "")], file: file).status == 303)
        #expect(try await college.client().send(.get, address).status == 200)
        #expect(try await college.texts("select coalesce(color, 'none') from settings") == ["none"])
        // the page was shown before: it says so, and changes nothing
        #expect(try await browser.upload(page, again + [("color", "#7a1f4b")]).status == 412)
        #expect(try await admin.send(.delete, "/api/v1/settings/logo").json()["logo"] == .null)
    }

    @Test func `what is no picture, or too large, is refused with the field named and the color kept`() async throws {
        let college = try await TestInstitution.make()
        let person = try await college.person("admin")
        let browser = try await college.client().asBrowser(person)
        let page = "/settings/branding"
        let hidden = try await browser.get(page).hiddenFields(to: page).map { (name: $0.key, value: $0.value) }
        for bytes in [Array("<svg onload=alert(1)>".utf8), Self.picture + Array(repeating: 0, count: 131_072)] {
            let refused = try await browser.upload(
                page, hidden + [("color", "#7a1f4b")],
                file: (name: "logo", fileName: "a.svg", type: "image/png", bytes: bytes))
            #expect(refused.status == 422)
            #expect(refused.text.contains("id=\"logo-error\"") && refused.text.contains("value=\"#7a1f4b\""))
            let put = try await college.client(person).send(
                .put, "/api/v1/settings/logo", body: bytes, contentType: "image/png")
            #expect(put.status == 422)
        }
        #expect(try await college.texts("select coalesce(color, 'none') from settings") == ["none"])
    }

    @Test(arguments: ["director", "manager", "staff", "student"])
    func `only admins choose`(role: String) async throws {
        let college = try await TestInstitution.make()
        try await college.makeReady()
        let browser = try await college.client().asBrowser(college.person(role))
        #expect(try await browser.get("/settings/branding").status == 403)
    }
}
