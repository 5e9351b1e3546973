import Casework
import Testing

@testable import Web

@Suite struct FieldTests {
    @Test func `what may be left empty is called optional, but never a choice`() throws {
        for (language, words) in try PageKit().catalogues {
            func isCalledOptional(_ kind: Input.Kind, isRequired: Bool) -> Bool {
                let input = Input(name: "x", label: "X", kind: kind, isRequired: isRequired)
                let html = String(decoding: field(input, Typed(), words).bytes, as: UTF8.self)
                #expect(html.contains("X"))
                return html.contains("(\(words[ShellText.optional]))")
            }
            for kind in [Input.Kind.line(type: "text"), .text, .file(accept: nil)] {
                #expect(isCalledOptional(kind, isRequired: false), "\(language) \(kind)")
                #expect(!isCalledOptional(kind, isRequired: true), "\(language) \(kind)")
            }
            // it always shows what it stands for, as does a box that is not ticked
            for kind in [Input.Kind.choice([("", "None"), ("a", "A")]), .check] {
                for isRequired in [false, true] {
                    #expect(!isCalledOptional(kind, isRequired: isRequired), "\(language) \(kind)")
                }
            }
        }
    }
}
