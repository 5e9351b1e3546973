import Tenancy
import TestSupport
import Testing

/// Names of institutions, spoilt.
@Suite struct SlugFuzzTests {
    @Test func `a slug is a label of a host name, or refused in one line`() {
        #expect(
            Fuzz.faultInText(samples: ["northfield", "a1-b"], pieces: ["a", "z9", "-", "0", "www", "A", "."]) { text in
                do {
                    let slug = try Slug(text)
                    return slug.description == text && text.wholeMatch(of: /[a-z](-?[a-z0-9])+/) != nil
                } catch let error as ProvisioningError {
                    return !error.description.contains("\n") && error.description.utf8.count < 600
                }
            } == nil)
    }
}
