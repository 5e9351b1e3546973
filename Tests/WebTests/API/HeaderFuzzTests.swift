import Casework
import TestSupport
import Testing

@testable import Web

/// Header fields, addresses and forms, spoilt: no reader traps, and what has a writer is read as it was written.
@Suite struct HeaderFuzzTests {
    private static func faultInLanguages(_ name: String = #function, _ tags: (String) throws -> [String]) -> String? {
        Fuzz.faultInText(
            name, samples: ["de-AT, es;q=0.5, en;q=0.9"], pieces: ["en", "es", "-", ";", "q=", "0.5", ",", " ", "*"]
        ) {
            let found = try tags($0)
            return found.count <= 32 && found.allSatisfy { !$0.isEmpty && !$0.contains("-") && !$0.contains(",") }
        }
    }

    @Test func `languages are few, and none is empty`() {
        #expect(Self.faultInLanguages { AcceptLanguage.tags(of: $0) } == nil)
    }

    /// `curl -H 'Accept-Language: ;'` once ended the service for everybody.
    @Test func `a reader of languages that trusts a split is found out`() {
        let fault = Self.faultInLanguages { header in
            try header.split(separator: ",").map { part in
                let halves = part.split(separator: ";")
                guard let tag = halves.first else { throw Fuzz.Trap() }  // halves[0]
                return tag.trimmingSpaces.lowercased().prefix { $0 != "-" }
            }.filter { !$0.isEmpty }.prefix(32).map(String.init)
        }
        #expect(fault?.contains("Trap") == true, "\(fault ?? "none")")
    }

    private static let parameters = [
        ";", "=", "\"", "\\", "filename", "filename*", "charset", "name", "a", " ", "UTF-8''", "%41", "/",
    ]

    @Test func `a media type has two halves`() {
        #expect(
            Fuzz.faultInText(
                samples: ["text/csv; charset=\"utf-8\"", "multipart/form-data;boundary=--x"],
                pieces: Self.parameters + ["text", "csv"]
            ) { text in
                guard let type = MediaType(text) else { return true }
                return type.name.utf8.count(where: { $0 == UInt8(ascii: "/") }) == 1
                    && type.name == type.name.lowercased()
            } == nil)
    }

    @Test func `a file's name is written as it was read`() {
        #expect(
            Fuzz.faultInText(
                samples: [
                    "attachment; filename=\"n.pdf\"; filename*=UTF-8''n%C3%B6.pdf",
                    "form-data; name=\"a\"; filename=\"b\"",
                ],
                pieces: Self.parameters + ["attachment", "form-data"]
            ) { text in
                _ = ContentDisposition.formData(text)
                do {
                    let name = try ContentDisposition.fileName(of: text)
                    return try ContentDisposition.fileName(of: ContentDisposition.attachment(name.text)) == name
                } catch is CaseworkError {
                    return true
                }
            } == nil)
    }

    @Test func `pairs are read as they were written`() {
        #expect(
            Fuzz.fault(
                samples: ["name=Ada&items=1&items=2", "q=a+b%26c"],
                pieces: ["a", "=", "&", "+", "%41", "%C3%A9", "é", "%0"]
            ) {
                bytes, _ in
                let pairs: [(name: String, value: String)]
                do throws(URLEncoded.Problem) {
                    pairs = try URLEncoded.pairs(bytes)
                } catch {
                    return true
                }
                let written = pairs.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }.joined(
                    separator: "&")
                let again = try URLEncoded.pairs(written.utf8)
                return again.elementsEqual(pairs) { $0.name == $1.name && $0.value == $1.value }
            } == nil)
    }

    @Test func `a host is one of three or refused`() {
        #expect(
            Fuzz.faultInText(
                samples: ["northfield.localhost:8443", "localhost", "[::1]:443"],
                pieces: ["a", ".", "localhost", ":", "443", "[", "]", "-", "_"]
            ) { text in
                guard case .institution(let slug)? = RequestHost(authority: text, domain: "localhost") else {
                    return true
                }
                return !slug.contains(".") && text.lowercased().hasPrefix(slug)
            } == nil)
    }

    @Test func `a path to go on to is one of this host`() {
        #expect(
            Fuzz.faultInText(samples: ["/cohorts?q=1"], pieces: ["/", "\\", "a", "?", "//", "https:", " "]) { text in
                guard let path = text.ownPath else { return true }
                return path == text && path.utf8.first == UInt8(ascii: "/") && !path.hasPrefix("//")
            } == nil)
    }

    private static let parts = [
        "--b\r\n", "--b--", "\r\n", "\r\n\r\n", "Content-Disposition: form-data; name=\"a\"", "; filename=\"f.csv\"",
        "Content-Type: text/plain; charset=latin1", "x", "-", "--", "b",
    ]

    /// A form as it is read from pieces of random sizes, or whole; nil where it is refused.
    private static func form(_ bytes: [UInt8], _ fuzz: inout Fuzz, whole: Bool) async throws -> Form? {
        do {
            var reader = try FormReader(boundary: "b")
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(whole ? bytes.count : Int.random(in: 1...30, using: &fuzz))
                try await reader.feed(piece)
                rest = rest.dropFirst(piece.count)
            }
            return try await reader.finish()
        } catch is CaseworkError, is Form.CutShort {
            return nil
        }
    }

    @Test func `a form with parts is the same however it is cut`() async throws {
        let sample =
            "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\none\r\n--b\r\n"
            + "Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\nx,y\r\n--b--\r\n"
        var fuzz = Fuzz(
            seed: Fuzz.seed(of: #function), samples: [Array(sample.utf8)], pieces: Self.parts.map { Array($0.utf8) })
        let start = ContinuousClock.now
        var number = 0
        while Fuzz.goesOn(number, of: 1_500, since: start) {
            number += 1
            let bytes = fuzz.bytes()
            let whole = try await Self.form(bytes, &fuzz, whole: true)
            let cut = try await Self.form(bytes, &fuzz, whole: false)
            #expect(whole?.fields == cut?.fields, "case \(number): \(Fuzz.shown(bytes))")
            #expect(whole?.files.keys == cut?.files.keys, "case \(number): \(Fuzz.shown(bytes))")
            for (name, files) in whole?.files ?? [:] {
                let others = cut?.files[name] ?? []
                #expect(files.count == others.count, "case \(number): \(Fuzz.shown(bytes))")
                for (file, other) in zip(files, others) {
                    #expect(
                        try await file.content.bytes() == other.content.bytes(),
                        "case \(number): \(Fuzz.shown(bytes))")
                }
            }
        }
    }
}
