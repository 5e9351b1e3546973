import Casework
import Testing

@testable import Web

@Suite struct MultipartParserTests {
    /// A form put together from chunks of one size, or of these.
    private func form(_ text: String, boundary: String = "b", chunk: Int = 7) async throws -> Form {
        var reader = try FormReader(boundary: boundary)
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            try await reader.feed(bytes[start..<min(start + chunk, bytes.count)])
        }
        return try await reader.finish()
    }

    private static func part(_ header: String, _ content: String) -> String {
        "--b\r\nContent-Disposition: form-data; \(header)\r\n\r\n\(content)\r\n"
    }

    private static let whole =
        part("name=\"csrf\"", "token") + part("name=\"note\"", "one\r\n--\r\n--a\r\ntwo") + part("name=\"note\"", "")
        + "--b\r\ncontent-type: text/csv\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"
        + "x,y\r\n\r\n--\r\n-b\r\n--b--\r\n"

    private func check(_ form: Form, _ where: String) async throws {
        #expect(form.fields == ["csrf": ["token"], "note": ["one\r\n--\r\n--a\r\ntwo", ""]], "\(`where`)")
        let file = try #require(form.files["file"]?.first, "\(`where`)")
        #expect(file.name == "a.csv" && file.type == "text/csv")
        #expect(try await file.content.bytes() == Array("x,y\r\n\r\n--\r\n-b".utf8), "\(`where`)")
    }

    @Test func `a form is the same wherever its bytes are split`() async throws {
        let bytes = Array(Self.whole.utf8)
        for place in 0...bytes.count {
            var reader = try FormReader(boundary: "b")
            try await reader.feed(bytes[..<place])
            try await reader.feed(bytes[place...])
            try await check(try await reader.finish(), "split at \(place)")
        }
        for chunk in [1, 2, 3, 5, 64, 4_096] {
            try await check(try await form(Self.whole, chunk: chunk), "chunks of \(chunk)")
        }
    }

    @Test func `what stands before the first delimiter and behind the last is dropped`() async throws {
        try await check(
            try await form("for old programs\r\n" + Self.whole + "and\r\n--b\r\nmore"), "preamble and epilogue")
        try await check(try await form("\r\n" + Self.whole), "an empty line first")
        try await check(
            try await form(Self.whole.replacing("--b\r\n", with: "--b \t\r\n")), "space behind the delimiter")
    }

    private static let broken: [(what: String, text: String)] = [
        ("no delimiter at all", "x"), ("nothing", ""), ("no end", part("name=\"a\"", "1")),
        ("cut in the content", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1"),
        ("cut in the header", "--b\r\nContent-Disposition: form-da"), ("cut in the delimiter", "--b"),
        ("no header", "--b\r\n--b--\r\n"), ("no name", part("filename=\"a\"", "1\r\n--b--")),
        ("an empty header", "--b\r\n\r\nx\r\n--b--"), ("no disposition", "--b\r\nX: y\r\n\r\n1\r\n--b--"),
        ("another disposition", "--b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--b--"),
        ("an open quote", part("name=\"a", "1\r\n--b--")), ("text behind the delimiter", "--bx\r\n\r\n1\r\n--b--"),
        ("an endless header", "--b\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n1\r\n--b--"),
        ("another encoding of the name", part("name=\"a\"; filename*=latin1''a", "1\r\n--b--")),
    ]

    @Test(arguments: broken)
    func `a form that is not whole is refused`(_ what: String, _ text: String) async {
        for chunk in [1, 9, 100_000] {
            await #expect(throws: CaseworkError.self, "\(what) in chunks of \(chunk)") {
                try await form(text, chunk: chunk)
            }
        }
    }

    private static let named: [(header: String, name: String, fileName: String)] = [
        (#"name="f"; filename="a b.pdf""#, "f", "a b.pdf"), (#"name=f; filename=a.pdf"#, "f", "a.pdf"),
        (#"filename="a;b.pdf"; name="f""#, "f", "a;b.pdf"), (#"name="q\"q"; filename="a\"b""#, "q\"q", "a\"b"),
        (#"name="%22f%22"; filename="a%22b""#, "\"f\"", "a\"b"),
        (#"name="f"; filename="C:\x\a.pdf""#, "f", #"C:\x\a.pdf"#),
        (#"name="f"; filename="x"; filename*=UTF-8''n%C3%B6.txt"#, "f", "nö.txt"),
        (#"name="f"; filename*=utf-8'en'%e2%82%ac.txt"#, "f", "€.txt"), (#"NAME="f"; FileName="é.txt""#, "f", "é.txt"),
        (#"name="f"; filename="a%0D%0Ab""#, "f", "ab"),
    ]

    @Test(arguments: named)
    func `names of fields and files are read`(_ header: String, _ name: String, _ fileName: String) async throws {
        let form = try await form(Self.part(header, "content") + "--b--")
        #expect(form.files[name]?.first?.name == fileName)
        #expect(form.files[name]?.first?.type == "application/octet-stream")
    }

    @Test func `a file that was not chosen is none`() async throws {
        let form = try await form(Self.part("name=\"file\"; filename=\"\"", "") + "--b--")
        #expect(form.files.isEmpty && form.fields.isEmpty)
    }

    @Test func `200 parts are read and not 201`() async throws {
        let parts = String(repeating: Self.part("name=\"a\"", "1"), count: 200)
        #expect(try await form(parts + "--b--").fields["a"]?.count == 200)
        await #expect(throws: CaseworkError.self) { try await form(parts + Self.part("name=\"a\"", "1") + "--b--") }
    }

    @Test func `ten files are kept and not eleven, and dropped where nobody has room for them`() async throws {
        let parts = (1...10).map { Self.part("name=\"f\($0 % 3)\"; filename=\"f\"", "1") }.joined()
        #expect(try await form(parts + "--b--").files.mapValues(\.count) == ["f0": 3, "f1": 4, "f2": 3])
        let more = parts + Self.part("name=\"f\"; filename=\"f\"", "1") + "--b--"
        await #expect(throws: Form.CutShort.self) { try await form(more) }
        var reader = try FormReader(boundary: "b", keepsFiles: false)
        try await reader.feed((Self.part("name=\"a\"", "1") + more).utf8)
        let kept = try await reader.finish()
        #expect(kept.files.isEmpty && kept.fields == ["a": ["1"]])
    }

    @Test func `a text as long as a file goes where files go, and keeps every byte`() async throws {
        let long = String(repeating: "0123456789\r\n", count: 300_000)
        let form = try await form(
            Self.part("name=\"csv\"", long) + Self.part("name=\"step\"", "store") + "--b--", chunk: 65_536)
        #expect(form.fields == ["step": ["store"]])
        #expect(try await form.files["csv"]?.first?.content.bytes() == Array(long.utf8))
        #expect(form.files["csv"]?.first?.name == "")
    }

    @Test func `text that is not UTF-8, and a boundary nobody may use, are refused`() async throws {
        var reader = try FormReader(boundary: "b")
        let part = Array(Self.part("name=\"a\"", "1\u{1}").utf8).map { $0 == 1 ? 0xFF : $0 }
        await #expect(throws: CaseworkError.malformed(Refusal(.formNotUTF8))) {
            try await reader.feed(part + Array("--b--".utf8))
            _ = try await reader.finish()
        }
        for boundary in ["", String(repeating: "b", count: 71)] {
            #expect(throws: CaseworkError.self) { try FormReader(boundary: boundary) }
        }
    }
}
