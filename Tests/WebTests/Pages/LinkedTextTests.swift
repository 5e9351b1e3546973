import Foundation
import TestSupport
import Testing

@testable import Web

private func shown(_ text: String) -> String { String(decoding: linked(text).bytes, as: UTF8.self) }

private func plain(_ text: String) -> String { String(decoding: HTML(text).bytes, as: UTF8.self) }

/// Addresses in what staff write can be followed by students; nothing else in it becomes markup.
@Suite struct LinkedTextTests {
    /// The links of a text, each with where it leads.
    private func links(_ text: String) -> [String] {
        shown(text).matches(of: /<a href="([^"]*)" rel="noopener noreferrer">([^<]*)<\/a>/)
            .map { $0.output.1 == $0.output.2 ? String($0.output.1) : "\($0.output.2) -> \($0.output.1)" }
    }

    @Test(arguments: [
        ("See https://example.edu/a?b=1&c=2#d.", ["https://example.edu/a?b=1&amp;c=2#d"]),
        ("(http://example.edu/x_(y))", ["http://example.edu/x_(y)"]),
        ("HTTPS://Example.edu, and then", ["HTTPS://Example.edu -> https://Example.edu"]),
        ("a\nhttps://a.example\nhttps://b.example/!", ["https://a.example", "https://b.example/"]),
        ("Write to advising@example.edu!", ["advising@example.edu -> mailto:advising@example.edu"]),
        ("<o.k+x@example.edu>", ["o.k+x@example.edu -> mailto:o.k+x@example.edu"]),
        ("Seite:https://xn--bcher-kva.example/ß", ["https://xn--bcher-kva.example/ß"]),
    ])
    func `an address becomes a link without the marks around it`(text: String, expected: [String]) {
        #expect(links(text) == expected)
    }

    @Test(arguments: [
        "javascript:alert(1)", "data:text/html,x", "ftp://example.edu", "https://", "http://user:pw@example.edu",
        "xhttps://example.edu", "a@b", "a@b?bcc=c@example.edu", "x%0Abcc:y@example.edu", "//example.edu", "@",
        "https://exa\u{202E}mple.edu", "vbscript:https", "a@@example.edu",
    ])
    func `what is no address stays text`(text: String) { #expect(shown(text) == plain(text)) }

    /// Counted anew for each bracket, these take minutes.
    @Test(.timeLimit(.minutes(1)), arguments: ["@", "https://example.edu/"])
    func `very many brackets take no time`(beginning: String) {
        let text = beginning + String(repeating: ")", count: 100_000)
        #expect(shown(text).hasSuffix(")"))
    }
}

@Suite struct LinkedTextFuzzTests {
    @Test func `whatever is written, only links are added, and only to the web and to mail`() {
        var fuzz = Fuzz(
            seed: Fuzz.seed(of: #function),
            samples: ["See https://example.edu/a?b=1&c=2 or mail a.b@example.edu (http://x.example)."],
            pieces: [
                "http://", "https://", "mailto:", "javascript:", "example.edu", "a@example.edu", "@", "\"", "'", "<",
                ">",
                "<script>", "</a>", "&", "&quot;", "&#34;", " onclick=x", "\" onclick=\"x", ".", ",", ")", "(", " ",
                "\n",
                "\u{00A0}", "//", ":", "?", "#", "%22", "é", "\u{200D}", "\u{301}",
            ])
        let start = ContinuousClock.now
        var number = 0
        while Fuzz.goesOn(number, of: 4_000, since: start) {
            number += 1
            let text = String(decoding: fuzz.bytes(), as: UTF8.self)
            let html = shown(text)
            let link = /<a href="(?:https?:\/\/|mailto:)[^"<>]*" rel="noopener noreferrer">([^<>]*)<\/a>/
            let without = html.replacing(link) { String($0.output.1) }
            #expect(without == plain(text), "case \(number): \(Fuzz.shown(Array(text.utf8)))")
        }
    }
}
