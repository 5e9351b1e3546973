import Foundation
import TestSupport
import Testing

@testable import CLI

@Suite struct IndentedJSONTests {
    private func indented(_ text: String) -> String {
        String(decoding: IndentedJSON.of(Array(text.utf8)), as: UTF8.self)
    }

    @Test func `each member and element has a line, in its order`() {
        #expect(
            indented(#"{"b":[1,{"c":"x, {y}\""}],"a":{},"e":[],"n":1.50}"#) == """
                {
                  "b": [
                    1,
                    {
                      "c": "x, {y}\\""
                    }
                  ],
                  "a": {},
                  "e": [],
                  "n": 1.50
                }
                """)
        #expect(indented("[]") == "[]")
        #expect(indented("\"a\\\\\"") == "\"a\\\\\"")
        #expect(indented(" null ") == "null")
    }
}

@Suite struct IndentedJSONFuzzTests {
    @Test func `it stays the same JSON`() throws {
        let fault = Fuzz.fault(
            samples: [#"{"items":[{"id":1,"name":"a \"b\" \\"},{}],"next":null}"#],
            pieces: ["{", "}", "[", "]", ",", "\"a\"", ":", "1"]
        ) { bytes, _ in
            guard
                let before = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
                    as? NSObject
            else {
                _ = IndentedJSON.of(bytes)
                return true
            }
            let after =
                try JSONSerialization.jsonObject(
                    with: Data(IndentedJSON.of(bytes)), options: .fragmentsAllowed) as? NSObject
            return before == after
        }
        #expect(fault == nil)
    }
}
