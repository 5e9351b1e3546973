import TestSupport
import Testing

@testable import Casework

@Suite struct SCIMPathTests {
    private static func comparison(_ path: String, _ value: JSONValue) -> SCIMComparison? {
        SCIMPath(path).map { SCIMComparison(path: $0, value: value) }
    }

    @Test func `filters as identity providers send them`() throws {
        let sent: [(String, [SCIMComparison?])] = [
            (#"userName eq "anna@northfield.edu""#, [Self.comparison("userName", .string("anna@northfield.edu"))]),
            (#"USERNAME EQ "a \"b\" \u00e9""#, [Self.comparison("username", .string(#"a "b" é"#))]),
            (
                #"externalId eq "k" and active eq True"#,
                [Self.comparison("externalid", .string("k")), Self.comparison("active", .bool(true))]
            ),
            (
                #"emails[type eq "work"].value eq "a@b.edu""#,
                [Self.comparison(#"emails[type eq "work"].value"#, .string("a@b.edu"))]
            ),
            (
                #"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "anna""#,
                [Self.comparison("userName", .string("anna"))]
            ),
        ]
        for (text, comparisons) in sent {
            #expect(try SCIMFilter(text).comparisons == comparisons.compactMap(\.self), "\(text)")
        }
    }

    @Test func `paths as identity providers send them`() throws {
        let name = try #require(SCIMPath("name.givenName"))
        #expect(name.attribute == "name" && name.sub == "givenname" && name.plain == "name.givenname")
        let email = try #require(SCIMPath(#"emails[type eq "work" and primary eq true].value"#))
        #expect(email.attribute == "emails" && email.sub == "value" && email.filter.count == 2)
        let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
        #expect(SCIMPath(department)?.attribute == department.lowercased())
        #expect(SCIMPath("\(department).displayName")?.sub == "displayname")
    }

    @Test(arguments: [
        "", " ", "userName", "userName eq", #"userName eq"x""#, #"userName eq "x"#, #"userName eq "x" and"#,
        #"userName eq "x" or active eq true"#, #"userName sw "x""#, #"(userName eq "x")"#, #"eq "x""#,
        #"userName eq "x"and active eq true"#, #"emails[type eq "work" eq "x""#, #"a[b[c eq 1] eq 2] eq 3"#,
        "userName eq null", "userName eq x", #"userName eq "\q""#, #"userName eq "\u0000""#, "1a eq 1", "a..b eq 1",
        "urn: eq 1", "urn:x: eq 1",
    ])
    func `what is no filter is refused`(_ text: String) {
        #expect(throws: CaseworkError.invalid("filter", .notASCIMFilter)) { try SCIMFilter(text) }
    }

    @Test func `a filter has an end`() {
        let many = Array(repeating: "active eq true", count: 21)
        #expect(throws: CaseworkError.self) { try SCIMFilter(many.joined(separator: " and ")) }
        #expect(throws: Never.self) { try SCIMFilter(many.dropLast().joined(separator: " and ")) }
        #expect(SCIMPath(String(repeating: "a[", count: 100_000)) == nil)
    }

    fileprivate static let pieces = [
        "userName", "emails", "[", "]", "type", "eq", " ", "and", ".", "value", "\"work\"", "\"", "\\", "true", "1.5",
        "urn:",
        "ietf:params:scim:schemas:core:2.0:User:", "members", "$ref", "or", "(", "-",
    ]

    fileprivate static func written(_ comparison: SCIMComparison) -> String {
        "\(written(comparison.path)) eq \(JSONWriter.text(of: comparison.value))"
    }

    fileprivate static func written(_ path: SCIMPath) -> String {
        let filter = path.filter.isEmpty ? "" : "[\(path.filter.map(written).joined(separator: " and "))]"
        return path.attribute + filter + (path.sub.map { ".\($0)" } ?? "")
    }
}

@Suite struct SCIMPathFuzzTests {
    @Test func `a filter that is read can be written and read again`() {
        let samples = [
            #"userName eq "a@b.edu" and active eq true"#, #"emails[type eq "work" and primary eq true].value eq "x""#,
            #"urn:ietf:params:scim:schemas:core:2.0:Group:displayName eq "x\"y""#,
        ]
        #expect(
            Fuzz.faultInText(samples: samples, pieces: SCIMPathTests.pieces) { text in
                guard let filter = try? SCIMFilter(text) else { return true }
                let written = filter.comparisons.map(SCIMPathTests.written).joined(separator: " and ")
                return try SCIMFilter(written) == filter
            } == nil)
    }

    @Test func `a path that is read can be written and read again`() {
        let samples = [
            "name.givenName", #"emails[type eq "work"].value"#, "urn:a:b:2.0:User:x.y", "members[value eq \"1\"]",
        ]
        #expect(
            Fuzz.faultInText(samples: samples, pieces: SCIMPathTests.pieces) { text in
                guard let path = SCIMPath(text) else { return true }
                return SCIMPath(SCIMPathTests.written(path)) == path
            } == nil)
    }
}
