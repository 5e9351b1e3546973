import Foundation
import Logging
import TestSupport
import Testing

@testable import CLI

/// What an operator's files, variables and options may say, spoilt.
@Suite struct ConfigurationFuzzTests {
    @Test func `any value is read or named as wrong`() async throws {
        var fuzz = Fuzz(
            seed: Fuzz.seed(of: #function), samples: ["1,2", "true", "warning", "8443"],
            pieces: ["1", ",", " ", "-", "true", "no", "info", "0"])
        let start = ContinuousClock.now
        var number = 0
        while Fuzz.goesOn(number, of: 500, since: start) {
            number += 1
            let text = String(decoding: fuzz.bytes(), as: UTF8.self)
            var settings = try await Settings(
                options: ["partitions": text, "connections": text, "logLevel": text, "allowOutdatedServer": text],
                environment: ["WAYMARK_PORT": text], file: nil)
            let partitions = settings.numbers(.partitions)
            let connections = settings.number(.connections, in: 1...1_000)
            let port = settings.number(.port, in: 0...65_535)
            _ = (settings.level(.logLevel), settings.flag(.allowOutdatedServer))
            #expect((1...1_000).contains(connections) && (0...65_535).contains(port), "\(text.debugDescription)")
            #expect(Set(partitions).count == partitions.count, "\(text.debugDescription)")
            if partitions.isEmpty { #expect(throws: Failure.self, "\(text.debugDescription)") { try settings.check() } }
        }
    }

    @Test func `no connection string traps, and what is said of its place is no longer than itself`() {
        let samples = ["postgresql://me:pa@db.example:5432/waymark?sslmode=require", "host=db dbname=waymark"]
        let pieces = ["postgresql://", ":", "@", "/", "?", "&", "a", "%41", "host=", "'", "[::1]", "5432", " "]
        #expect(
            Fuzz.faultInText(samples: samples, pieces: pieces) { text in
                let conninfo = Conninfo(text)
                _ = conninfo.url(database: "other", user: "u", password: text)
                return conninfo.with(user: "u'", password: text).hasPrefix(text)
                    && conninfo.place.utf8.count <= text.utf8.count + 30
            } == nil)
    }

    @Test func `an address of a server is an origin or refused`() {
        let samples = ["https://northfield.example:8443", "northfield.localhost"]
        #expect(
            Fuzz.faultInText(samples: samples, pieces: ["https://", "a", ".", ":", "443", "@", "/", "[::1]", "%"]) {
                text in
                guard let origin = try? Client.origin(of: text) else { return true }
                return try Client.origin(of: origin) == origin
            } == nil)
    }

    @Test func `a line of the log is one JSON object on one line`() {
        #expect(
            Fuzz.faultInText(samples: ["line\nbreak"], pieces: ["\"", "\\", "\n", "\u{1}", "\u{2028}", "a"]) { text in
                // Foundation's reader drops byte order marks, wherever they stand
                if text.unicodeScalars.contains("\u{FEFF}") { return true }
                let lines = Lines()
                let logger = Logger(label: text) { label in
                    JSONLogHandler(label: label, level: .info) { lines.text += $0 }
                }
                logger.info("\(text)", metadata: ["\(text)": "\(text)", "list": .array(["\(text)"])])
                let object = try JSONSerialization.jsonObject(with: Data(lines.text.utf8)) as? [String: Any]
                return object?["message"] as? String == text && !lines.text.contains("\n")
            } == nil)
    }

    private final class Lines: @unchecked Sendable {
        var text = ""
    }
}
