import HTTPTypes
import Postgres
import TestSupport
import Testing

/// Admin Settings: the switch that concerns every student says so, and asks.
@Suite struct SettingsPagesTests {
    private func hidden(in page: String) -> [String: String] {
        let fields = page.matches(of: /<input type="hidden" name="([^"]*)" value="([^"]*)">/)
        return Dictionary(fields.map { (String($0.output.1), String($0.output.2)) }, uniquingKeysWith: { $1 })
            .filter { $0.key != "csrf" }
    }

    private func isVisible(_ college: TestInstitution) async throws -> Bool {
        try await college.texts("select student_visibility::text from settings") == ["true"]
    }

    @Test func `switching visibility says to how many students, and waits for a yes`() async throws {
        let college = try await TestInstitution.make(name: "Northfield")
        try await college.makeReady()
        let browser = try await college.client().asBrowser(college.person("admin"))
        for (wish, word, place, done) in [
            ("enabled", "Enable", "/setup", "shownToStudents"),
            ("disabled", "Disable", "/settings", "hiddenFromStudents"),
        ] {
            let before = try await isVisible(college)
            let form = hidden(in: try await browser.get("/settings").text)
                .merging(["name": "Northfield & Co", "studentVisibility": wish, "timeZone": "UTC"]) { $1 }
            let question = try await browser.post("/settings", form)
            #expect(question.status == 200)
            #expect(question.text.contains("\(word) for 1 student"))
            #expect(try await isVisible(college) == before, "not before the yes")

            let carried = hidden(in: question.text.replacing("&amp;", with: "&"))
            let answer = try await browser.post("/settings", carried)
            #expect(answer.headers[.location] == "\(place)?done=\(done)")
            #expect(try await isVisible(college) != before)
            #expect(
                try await college.texts("select name from settings") == ["Northfield & Co"], "the rest is saved too")
        }
    }

    @Test func `what would be refused is refused without a question`() async throws {
        let college = try await TestInstitution.make(name: "Northfield")
        let browser = try await college.client().asBrowser(college.person("admin"))
        let form = hidden(in: try await browser.get("/settings").text)
            .merging(["name": "Northfield", "studentVisibility": "enabled", "timeZone": "UTC"]) { $1 }
        let refused = try await browser.post("/settings", form)
        #expect(refused.status == 422)
        #expect(refused.text.contains("id=\"studentVisibility-error\""))
        #expect(!refused.text.contains("support-groups-attached"), "no keys of the API in a sentence")
    }

    @Test func `other settings are saved without a question`() async throws {
        let college = try await TestInstitution.make(name: "Northfield")
        try await college.makeReady()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let form = hidden(in: try await browser.get("/settings").text)
            .merging(["name": "New name", "studentVisibility": "disabled", "timeZone": "UTC"]) { $1 }
        #expect(try await browser.post("/settings", form).headers[.location] == "/settings?done=saved")
    }
}
