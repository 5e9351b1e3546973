import Testing

@testable import Web

@Suite struct HTMLTests {
    private func text(_ html: HTML) -> String { String(decoding: html.bytes, as: UTF8.self) }

    @Test func `text is escaped wherever it stands`() {
        let hostile = "</p><script>alert('1')</script>\"&amp;"
        let escaped = "&lt;/p&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;amp;"
        #expect(text(p { hostile }) == "<p>\(escaped)</p>")
        #expect(text(p(.title(hostile))) == "<p title=\"\(escaped)\"></p>")
        #expect(text(textarea(.id("a"), text: hostile)) == "<textarea id=\"a\">\n\(escaped)</textarea>")
        #expect(text(input(.data("id", hostile))) == "<input data-id=\"\(escaped)\">")
    }

    @Test func `every byte but five stays as it is`() {
        for scalar in (0...0x2ff).compactMap(Unicode.Scalar.init) where !"&<>\"'".unicodeScalars.contains(scalar) {
            #expect(text(HTML("a\(scalar)b")) == "a\(scalar)b")
        }
        #expect(text(HTML("Zoë 学生 👩🏽‍🎓")) == "Zoë 学生 👩🏽‍🎓")
        #expect(text(HTML("")) == "")
    }

    @Test func `a link leads to a page, a telephone or a mailbox, never to a script`() {
        for address in ["/a", "#a", "?a=1", "https://a.example/", "tel:+1", "mailto:a@b.example"] {
            #expect(text(a(.href(address)) { "x" }) == "<a href=\"\(address)\">x</a>")
        }
        for address in [
            "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "data:text/html,x", "a", "",
        ] {
            #expect(text(a(.href(address)) { "x" }) == "<a>x</a>")
        }
    }

    @Test func `attributes are left out where they do not hold`() {
        #expect(text(input(.disabled, .if(false, .checked), .if(true, .required))) == "<input disabled required>")
        #expect(text(input(.describedBy(nil), .maxLength(nil), .autocomplete(nil))) == "<input>")
        #expect(text(div(.data("keep"), .ariaHidden)) == "<div data-keep aria-hidden=\"true\"></div>")
    }

    @Test func `pieces follow one another, with conditions and loops`() {
        func list(_ names: [String], _ note: String?) -> HTML {
            ul {
                for name in names { li { name } }
                if names.isEmpty { li { "none" } } else { li { "end" } }
                if let note { note }
            }
        }
        #expect(text(list(["a", "<b>"], nil)) == "<ul><li>a</li><li>&lt;b&gt;</li><li>end</li></ul>")
        #expect(text(list([], "!")) == "<ul><li>none</li>!</ul>")
    }
}
