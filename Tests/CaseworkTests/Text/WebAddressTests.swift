import Testing

@testable import Casework

@Suite struct WebAddressTests {
    @Test(arguments: [
        "https://example.edu", "https://EXAMPLE.edu/a?b=c#d", "https://example.edu:8443/x", "https://[::1]/",
        "https://[2001:db8::1]:443/",
        "https://münchen.example/ü", "https://localhost/book", "https://calendly.com/ada/30min?x=%20",
    ])
    func `accepts https`(text: String) throws {
        #expect(try WebAddress.https(" \(text) ") == text)
    }

    @Test func `writes the scheme as the database wants it`() throws {
        #expect(try WebAddress.https("HTTPS://Example.edu/A") == "https://Example.edu/A")
    }

    @Test(arguments: [
        "", "example.edu", "http://example.edu", "javascript:alert(1)", "https:/example.edu", "https://", "https:///x",
        "https://user@example.edu",
        "https://example.edu@evil.example", "https://exa mple.edu", "https://example.edu/\"><script>",
        "https://example.edu:0/", "https://example.edu:99999/",
        "https://example.edu:/", "https://-a.edu/", "https://a..edu/", "https://a.edu/\u{202E}x",
        "https://a.edu\\@b.edu", "https://a.edu\nb", "//example.edu",
        "data:text/html,x",
    ])
    func `refuses what would lead elsewhere`(text: String) {
        #expect(throws: Refusal.self) { try WebAddress.https(text) }
    }
}
