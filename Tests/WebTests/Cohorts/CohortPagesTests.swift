import Foundation
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// The Cohorts tab: every cohort can be reached, archived ones come back, categories have a name and a place.
@Suite struct CohortPagesTests {
    @Test func `each of many cohorts is shown once, each under its category`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        try await college.run(
            "insert into cohort_categories (name) select 'Category ' || n from generate_series(1, 230) n")
        try await college.run(
            """
            insert into cohorts (category_id, name, goal)
            select k.id, 'Cohort ' || k.name || '/' || n, null
            from cohort_categories k, generate_series(1, 210) n where k.name in ('Category 7', 'Category 8')
            """)
        var address: String? = "/cohorts"
        var shown: [String: Int] = [:]
        var empty = 0
        while let path = address {
            let page = try await browser.get(path)
            #expect(page.status == 200)
            for piece in page.text.components(separatedBy: "<bdi>").dropFirst() {
                let name = piece.components(separatedBy: "</bdi>")[0]
                if name.hasPrefix("Cohort ") { shown[name, default: 0] += 1 }
            }
            empty += page.text.components(separatedBy: "No cohort in this category yet.").count - 1
            address = page.text.firstMatch(of: /href="([^"]*cursor=[^"]*)"/).map {
                String($0.output.1).replacing("&amp;", with: "&")
            }
        }
        #expect(shown.count == 420)
        #expect(shown.values.allSatisfy { $0 == 1 })
        #expect(empty == 228, "those without any cohort, and no others")
    }

    @Test func `an archived cohort is found, says so, and comes back`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let cohort = try await college.cohort("Winter Sports").id
        #expect(try await browser.get("/cohorts/\(cohort)").headers[.location] == "/cohorts/\(cohort)/details")

        let details = "/cohorts/\(cohort)/details"
        let archived = try await browser.post(
            details, try await browser.fields(of: details, with: ["archived": "true"]))
        #expect(archived.headers[.location] == "\(details)?done=archived")
        #expect(!(try await browser.get("/cohorts").text.contains("<bdi>Winter Sports</bdi>")))
        #expect(try await browser.get("/cohorts?archived=true").text.contains("<bdi>Winter Sports</bdi>"))
        let page = try await browser.get(details).text
        #expect(page.contains("This cohort is archived") && !page.contains("name=\"name\""))
        for path in ["students", "support-groups"] {
            #expect(try await browser.get("/cohorts/\(cohort)/\(path)").text.contains("This cohort is archived"))
        }
        let audited = try await college.texts(
            "select (before ->> 'archived') || (after ->> 'archived') from audit where action = 'cohort.update'")
        #expect(audited == ["falsetrue"])

        let restored = try await browser.post(
            details, try await browser.fields(of: details, with: ["archived": "false"]))
        #expect(restored.headers[.location] == "\(details)?done=restored")
        #expect(try await browser.get("/cohorts").text.contains("<bdi>Winter Sports</bdi>"))
    }

    @Test func `a category is made at the top, renamed and moved`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        for name in ["Athletes", "First-Years"] {
            #expect(try await browser.post("/categories", ["name": name]).status == 303)
        }
        let wrong = try await browser.post("/categories", ["name": "athletes"])
        #expect(wrong.status == 422 && wrong.text.contains("value=\"athletes\""))
        let id = try await college.number("select id from cohort_categories where name = 'First-Years'")
        let form = try await browser.get("/categories/\(id)").text
        #expect(form.contains("After Athletes"))
        let fields = try await browser.fields(
            of: "/categories/\(id)", with: ["name": "First-Year Students", "position": "1"])
        #expect(try await browser.post("/categories/\(id)", fields).status == 303)
        #expect(
            try await college.texts("select name from cohort_categories order by position")
                == ["First-Year Students", "Athletes"])
        let renamed = try await browser.fields(of: "/categories/\(id)", with: ["name": "First Years", "position": ""])
        try await college.run("update cohort_categories set position = 3 - position")  // meanwhile, by an older program
        #expect(try await browser.post("/categories/\(id)", renamed).status == 303)
        #expect(
            try await college.texts("select name from cohort_categories order by position") == [
                "Athletes", "First Years",
            ],
            "a rename moves nothing")
        #expect(try await browser.post("/categories/\(id)/delete", ["version": fields["version"] ?? ""]).status != 303)
        #expect(
            try await browser.post(
                "/categories/\(id)/delete", try await browser.fields(of: "/categories/\(id)", with: [:])
            ).status == 303)
    }
}

extension Browser {
    /// What a form of a page would send: its hidden version, and these fields.
    fileprivate func fields(of path: String, with fields: [String: String]) async throws -> [String: String] {
        let version = try await get(path).text.firstMatch(of: /name="version" value="([^"]*)"/).map {
            String($0.output.1)
        }
        return fields.merging(version.map { ["version": $0] } ?? [:]) { own, _ in own }
    }
}
