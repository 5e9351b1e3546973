import HTTPTypes
import TestSupport
import Testing

/// A group's page: what a viewer sees of it depends on whose it is to keep.
@Suite struct GroupPagesTests {
    @Test func `a manager sees the members of the own group, and of another only that others keep them`() async throws {
        let college = try await TestInstitution.make()
        let manager = try await college.person("manager")
        let own = try await college.group("Own", of: [college.person("staff")], manager: manager)
        let foreign = try await college.group("Foreign", of: [college.person("staff")])
        let browser = college.client().asBrowser(manager)

        let kept = try await browser.send(.get, "/groups/\(own)")
        #expect(kept.status == 200)
        #expect(kept.text.contains("id=\"members\""))
        #expect(kept.text.contains("action=\"/groups/\(own)/members/"))

        let seen = try await browser.send(.get, "/groups/\(foreign)")
        #expect(seen.status == 200)
        #expect(seen.text.contains("The members of this group are kept by others."))
        #expect(!seen.text.contains("id=\"members\""))
    }

    @Test func `a group nobody has is not found`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("manager"))
        #expect(try await browser.send(.get, "/groups/4711").status == 404)
    }
}
