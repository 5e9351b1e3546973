import Foundation
import TestSupport
import Testing

@testable import Mail

@Suite struct ComposingTests {
    static let message = MailMessage(
        from: Mailbox(name: "Test College", address: "reminders@college.example"),
        to: Mailbox(name: "Ada Lovelace", address: "ada@college.example"), subject: "Due soon", text: "Hello\n",
        html: "<p>Hello</p>\n", messageID: "reminder.1.2.2026-11-29@college.example",
        date: Date(timeIntervalSince1970: 1_795_939_200), language: "en")

    /// A message with other values.
    static func message(_ change: (inout MailMessage) -> Void) -> MailMessage {
        var message = Self.message
        change(&message)
        return message
    }

    private func lines(_ message: MailMessage) throws -> [String] {
        String(decoding: try message.composed().bytes, as: UTF8.self).components(separatedBy: "\r\n")
    }

    @Test func `a plain mail is plain to read`() throws {
        var lines = try lines(
            Self.message { $0.unsubscribe = "https://t.example/unsubscribe/5b0c" })
        #expect(lines.popLast() == "")
        #expect(
            lines == [
                "From: \"Test College\" <reminders@college.example>", "To: \"Ada Lovelace\" <ada@college.example>",
                "Subject: Due soon", "Date: Sun, 29 Nov 2026 08:00:00 +0000",
                "Message-ID: <reminder.1.2.2026-11-29@college.example>", "Auto-Submitted: auto-generated",
                "Content-Language: en", "List-Unsubscribe: <https://t.example/unsubscribe/5b0c>",
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "MIME-Version: 1.0",
                "Content-Type: multipart/alternative; boundary=\"=_waymark\"", "", "--=_waymark",
                "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "Hello",
                "", "--=_waymark", "Content-Type: text/html; charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable", "", "<p>Hello</p>", "", "--=_waymark--",
            ])
    }

    @Test(arguments: [0, 40, 60, 64, 65, 66, 67, 74, 200])
    func `an emoji behind so many letters is not divided`(count: Int) throws {
        let title = String(repeating: "a", count: count) + "👩‍👩‍👧 and é"
        let field = HeaderField.text("Subject", title)
        for word in field.components(separatedBy: "\r\n").flatMap({ $0.split(separator: " ") }).dropFirst() {
            let text = try #require(Decoded.word(String(word)), "\(word)")
            #expect(text.contains("👩‍👩‍👧") || !text.unicodeScalars.contains { $0.value > 0xFFFF || $0.value == 0x200D })
        }
        #expect(Decoded.text(field, name: "Subject") == title)
    }

    @Test func `text cannot begin a field of its own`() throws {
        for break_ in ["\r\n", "\n", "\r", "\u{2028}", "\u{85}", "\u{0}"] {
            let lines = try lines(
                Self.message {
                    $0.subject = "Hi\(break_)Bcc: all@college.example"
                    $0.to.name = "Ada\(break_)Bcc: all@college.example"
                    $0.from.name = "College\(break_)Bcc: all@college.example"
                })
            #expect(!lines.contains { $0.hasPrefix("Bcc") })
        }
    }

    @Test(arguments: [
        "", "ada", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\r\nBcc: c", "a@b>", "<a@b", "a@b,c@d", "a\"@b", "á@b",
        "a@bé",
        ".a@b", "a..b@c", "a@b..c", "a@b\0", "a@[127.0.0.1]", String(repeating: "a", count: 250) + "@b.cd",
    ])
    func `an address that no field can carry is refused`(address: String) {
        #expect(throws: ComposingError.address) { try Self.message { $0.to.address = address }.composed() }
        #expect(throws: ComposingError.address) { try Self.message { $0.from.address = address }.composed() }
    }

    @Test func `an id and a link that no field can carry are refused`() {
        for id in ["", "a", "a@b\r\nX: y", "a b@c", "<a@b>", "a@é"] {
            #expect(throws: ComposingError.messageID) { try Self.message { $0.messageID = id }.composed() }
        }
        for link in ["", "http://a", "https://a b", "https://a>\r\nX: y", "https://é"] {
            #expect(throws: ComposingError.unsubscribe) { try Self.message { $0.unsubscribe = link }.composed() }
        }
    }

    @Test func `dates are those of RFC 5322`() {
        #expect(MailMessage.format(Date(timeIntervalSince1970: 951_782_400)) == "Tue, 29 Feb 2000 00:00:00 +0000")
        #expect(MailMessage.format(Date(timeIntervalSince1970: -1)) == "Wed, 31 Dec 1969 23:59:59 +0000")
        #expect(MailMessage.format(.distantFuture).hasSuffix(" +0000"))
        #expect(MailMessage.format(Date(timeIntervalSince1970: 1e300)) == "Fri, 31 Dec 9999 23:59:59 +0000")
    }
}

/// A second reading of what was composed, by the letter of the RFCs.
enum Decoded {
    /// The text of an encoded word; nil where it is none or not whole.
    static func word(_ word: String) -> String? {
        guard word.utf8.count <= 75, word.hasPrefix("=?utf-8?B?"), word.hasSuffix("?="),
            let data = Data(base64Encoded: String(word.dropFirst(10).dropLast(2)))
        else { return nil }
        return String(validating: data, as: UTF8.self)
    }

    /// The text of a field; nil where its form is wrong.
    static func text(_ field: String, name: String) -> String? {
        guard field.hasPrefix(name + ": ") else { return nil }
        let lines = field.components(separatedBy: "\r\n")
        guard lines.allSatisfy({ $0.utf8.count <= 76 && !$0.isEmpty }),
            lines.dropFirst().allSatisfy({ $0.hasPrefix(" ") })
        else { return nil }
        let value = lines.joined().dropFirst(name.count + 2)
        guard value.contains("=?") else { return String(value) }
        let words = value.split(separator: " ").map { word(String($0)) }
        return words.contains(nil) ? nil : words.compactMap { $0 }.joined()
    }

    /// Quoted-printable text; nil where its form is wrong.
    static func body(_ text: String) -> String? {
        var bytes: [UInt8] = []
        let lines = text.components(separatedBy: "\r\n")
        for (index, line) in lines.enumerated() {
            guard line.utf8.count <= 76, line.utf8.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 9 }),
                !line.hasSuffix(" "), !line.hasSuffix("\t")
            else { return nil }
            var rest = Array(line.utf8)[...]
            var goesOn = false
            while let byte = rest.popFirst() {
                if byte != UInt8(ascii: "=") {
                    bytes.append(byte)
                } else if rest.isEmpty {
                    goesOn = true
                } else {
                    guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                    else { return nil }
                    bytes.append(value)
                    rest = rest.dropFirst(2)
                }
            }
            if !goesOn, index < lines.count - 1 { bytes.append(10) }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

@Suite struct ComposingFuzzTests {
    private static let pieces = [
        "a", " ", "é", "👩‍👩‍👧", "e\u{301}", "=?utf-8?B?YQ==?=", "\r\n", "\nBcc: x", "\"", "\\", "<", ">", "@", ".", "=",
        "\t", "日本",
    ]

    /// A space for each character that must not stand in a field.
    private func visible(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                        || [0x2028, 0x2029].contains(scalar.value)
                        ? " " : scalar
                }))
    }

    @Test func `any subject comes back as it was`() {
        let fault = Fuzz.faultInText(pieces: Self.pieces) { text in
            let field = HeaderField.text("Subject", text)
            if visible(text).isEmpty { return field == "Subject:" || field == "Subject: " }
            return Array((Decoded.text(field, name: "Subject") ?? "?").utf8) == Array(visible(text).utf8)
        }
        #expect(fault == nil)
    }

    @Test func `any body comes back as it was`() {
        let fault = Fuzz.faultInText(pieces: Self.pieces) { text in
            // by bytes: of "\r\r\n" a replaced end would make a new one
            var lines: [UInt8] = []
            for (before, byte) in zip([0] + text.utf8, text.utf8) where (before, byte) != (13, 10) {
                lines.append(byte == 13 ? 10 : byte)
            }
            return Array((Decoded.body(QuotedPrintable.encode(text)) ?? "?").utf8) == lines
        }
        #expect(fault == nil)
    }

    @Test func `whatever is composed is a header of known fields and a body of short ASCII lines`() {
        let known = [
            "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "List-Unsubscribe",
            "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
        ]
        let fault = Fuzz.faultInText(pieces: Self.pieces + ["a@b.c", "https://a/"]) { text in
            let message = ComposingTests.message {
                $0.subject = text
                $0.to = Mailbox(name: text, address: text.contains("@") ? text : "a@b.c")
                $0.from.name = text
                $0.unsubscribe = text.hasPrefix("https") ? text : nil
                $0.text = text
                $0.html = text
            }
            guard let mail = try? message.composed() else { return text.contains("@") || text.hasPrefix("https") }
            guard let ascii = String(validating: mail.bytes, as: UTF8.self), mail.bytes.allSatisfy({ $0 < 0x7F }) else {
                return false
            }
            let lines = ascii.components(separatedBy: "\r\n")
            guard !lines.contains(where: { $0.unicodeScalars.contains { $0 == "\r" || $0 == "\n" } }) else {
                return false
            }
            let header = lines.prefix { !$0.isEmpty }
            return header.allSatisfy { line in
                line.utf8.count <= 998
                    && (line.hasPrefix(" ") || known.contains { line.hasPrefix($0 + ":") })
            } && lines.dropFirst(header.count).allSatisfy { $0.utf8.count <= 76 }
        }
        #expect(fault == nil)
    }
}
