import Testing

@testable import Web

@Suite struct AcceptLanguageTests {
    @Test(arguments: [
        ("es", ["es"]), ("de-AT, es;q=0.5, en;q=0.9", ["de", "en", "es"]), ("en;q=0, es", ["es"]),
        ("EN-us ; Q=0.1 , es", ["es", "en"]), ("*", ["*"]), ("en;q=x", ["en"]),
        ("en;x=1;q=0.2, es;q=0.5", ["es", "en"]),
    ])
    func `languages come in the order they are wished for`(_ header: String, _ tags: [String]) {
        #expect(AcceptLanguage.tags(of: header) == tags)
    }

    /// `;` alone ended the process.
    @Test(arguments: ["", ";", ";;", "en,;", ";;,en", ";q=1", " ; , ; ", ",", "-", "--;q", "\u{FF}", "en;q=nan"])
    func `what names no language is passed over`(_ header: String) {
        #expect(AcceptLanguage.tags(of: header).allSatisfy { !$0.isEmpty })
    }

    @Test func `a long list is not read to its end`() {
        let header = String(repeating: "xx,", count: 10_000) + "en"
        #expect(AcceptLanguage.tags(of: header).count == 32)
    }
}
