import Foundation
import Testing

/// Every action that anything notes in the audit has words in every language.
@Suite struct AuditWordTests {
    @Test(arguments: ["en", "es"])
    func `every audited action has words`(language: String) throws {
        let steps = ["submit", "withdraw", "complete", "return", "reopen", "waive"]
        var actions = Set(steps.map { "progress.\($0)" })
        for noun in ["category", "department"] { actions.formUnion(["\(noun).create", "\(noun).update"]) }
        for file in try SourceTree.files(in: "Sources", endings: ["swift"]) where file.text.contains("into audit") {
            for match in file.text.matches(of: /(?:select|values \(|union all\s+select) ?'([a-z]+\.[a-z]+)'/) {
                actions.insert(String(match.output.1))
            }
        }
        #expect(actions.count > 45)
        let path = "Sources/Web/Texts/audit/text.\(language).json"
        let text = try String(contentsOf: SourceTree.root.appendingPathComponent(path), encoding: .utf8)
        for action in actions.sorted() { #expect(text.contains("\"action-\(action)\": "), "\(action)") }
    }
}
