import Testing

@testable import Casework

@Suite struct VersionTests {
    @Test func `writes a strong entity tag`() { #expect(Version(3).entityTag == "\"3\"") }

    @Test(arguments: [nil, "*", " * "] as [String?])
    func `lets any version pass`(header: String?) throws {
        #expect(IfMatch(header: header) == .any)
        try IfMatch(header: header).check(Version(9))
    }

    @Test(arguments: ["\"3\"", "\"1\", \"3\"", "\"1\",\"3\"", "W/\"2\", \"3\"", "\"a,b\", \"3\"", ",, \"3\" ,"])
    func `matches a tag in the list`(header: String) throws {
        try IfMatch(header: header).check(Version(3))
        #expect(!IfMatch(header: header).allows(Version(2)))
    }

    @Test(arguments: [
        "\"2\"", "W/\"3\"", "3", "", "\"03\"", "\"+3\"", "\" 3\"", "\"3", "'3'", "w", "W", "\"\"",
        "\"99999999999999999999\"", "*, \"2\"",
    ])
    func `fails for everything else`(header: String) {
        #expect(throws: CaseworkError.preconditionFailed) { try IfMatch(header: header).check(Version(3)) }
    }
}
