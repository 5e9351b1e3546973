import Foundation
import Logging
import Synchronization
import Testing

@testable import CLI

@Suite struct JSONLogHandlerTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    @Test func `a line is one JSON object, whatever is in it`() throws {
        let lines = Lines()
        var logger = Logger(label: "test") { label in
            JSONLogHandler(label: label, level: .info) { line in lines.all.withLock { $0.append(line) } }
        }
        logger[metadataKey: "request"] = "a\"b"
        logger.info("two\nlines \u{1}\u{2028}", metadata: ["n": .stringConvertible(3), "list": ["x", "ÿ"]])
        logger.debug("not shown")
        let written = lines.all.withLock { $0 }
        #expect(written.count == 1)
        #expect(!written[0].contains("\n"))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(written[0].utf8)) as? [String: Any])
        #expect(object["level"] as? String == "info")
        #expect(object["message"] as? String == "two\nlines \u{1}\u{2028}")
        let metadata = try #require(object["metadata"] as? [String: Any])
        #expect(metadata["n"] as? Int == 3)
        #expect(metadata["request"] as? String == "a\"b")
    }
}
