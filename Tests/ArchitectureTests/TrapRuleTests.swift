import Testing

@Suite struct TrapRuleTests {
    @Test func `nothing in the sources trusts the shape of a value`() throws {
        let rule = try TrapRule()
        for file in try SourceTree.files(in: "Sources", endings: ["swift"]) {
            for (line, what) in rule.findings(in: file.lines) { Issue.record("\(file.path):\(line) \(what)") }
        }
    }

    /// The first is what ended the process for all institutions.
    @Test(arguments: [
        "let halves = part.split(separator: \";\")\nlet q = halves.dropFirst()\nreturn halves[0].trimmed",
        "let name = email.split(separator: \"@\")[0]", "let last = text.components(separatedBy: \".\")[1]",
        "let words = line.split(separator: \" \").map(String.init)\nuse(words[1], words.count)",
        "let first = list.first!", "let bytes = buffer.baseAddress! + 1", "let number = value as! Int",
        "use(found![0])", "guard let file = BIO_new_mem_buf(bytes, count) else { return nil }",
        "let names = Dictionary(uniqueKeysWithValues: record.cohorts.map { ($0.id, $0.name) })",
        "let fields = Dictionary(uniqueKeysWithValues: given)", "guard size > 0 else { fatalError(\"no size\") }",
        "let page = try! read(body)",
    ])
    func `a planted trap is found`(_ text: String) throws {
        #expect(try !TrapRule().findings(in: text.split(separator: "\n")).isEmpty)
    }

    @Test(arguments: [
        "let parts = text.split(separator: \"_\")\nguard parts.count == 3, let kind = parts[0].last else { return nil }",
        "let halves = text.split(separator: \":\")\nif halves.count == 2 { use(halves[0], halves[1]) }",
        "let first = text.split(separator: \";\").first", "// let first = list.first!",
        "let name = HTTPField.Name(\"Link\")!", "if !found { return }",
        "bytes.withUnsafeBytes { bytes in read(BIO_new_mem_buf(bytes.baseAddress, count)) }",
        "let names = Dictionary(uniqueKeysWithValues: Language.allCases.map { ($0, $0.rawValue) })",
    ])
    func `what asks first is left alone`(_ text: String) throws {
        #expect(try TrapRule().findings(in: text.split(separator: "\n")).isEmpty)
    }
}
