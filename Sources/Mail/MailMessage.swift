import Dates
import Foundation

/// Somebody who writes or receives mail.
public struct Mailbox: Sendable, Hashable {
    /// What people see; any text.
    public var name: String
    /// `local@domain`.
    public var address: String

    /// Checks nothing; composing does.
    public init(name: String, address: String) {
        self.name = name
        self.address = address
    }
}

/// A mail with one recipient, as text and HTML (RFC 5322).
public struct MailMessage: Sendable {
    /// Of whom, which is the envelope's sender too.
    public var from: Mailbox
    /// To whom.
    public var to: Mailbox
    /// Any text; control characters become spaces.
    public var subject: String
    /// The body as plain text; lines end with `\n`.
    public var text: String
    /// The same body as HTML.
    public var html: String
    /// `left@right`, without angle brackets.
    public var messageID: String
    /// When it was written.
    public var date: Date
    /// BCP 47.
    public var language: String
    /// An https address that takes a POST without a person (RFC 8058).
    public var unsubscribe: String?

    /// Checks nothing; composing does.
    public init(
        from: Mailbox, to: Mailbox, subject: String, text: String, html: String, messageID: String, date: Date,
        language: String, unsubscribe: String? = nil
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.html = html
        self.messageID = messageID
        self.date = date
        self.language = language
        self.unsubscribe = unsubscribe
    }

    /// The mail as it travels: ASCII, lines of at most 78 bytes that end with CRLF (but for one token that is longer).
    /// - Throws: `ComposingError` for an address, id or link that a header field cannot carry.
    public func composed() throws -> ComposedMail {
        let writer = try MailAddress(from.address)
        let reader = try MailAddress(to.address)
        guard HeaderField.isToken(messageID), messageID.contains("@") else { throw ComposingError.messageID }
        guard HeaderField.isToken(language) else { throw ComposingError.language }
        var fields = [
            HeaderField.mailbox("From", name: from.name, address: writer.text),
            HeaderField.mailbox("To", name: to.name, address: reader.text),
            HeaderField.text("Subject", subject),
            HeaderField.tokens("Date", [Self.format(date)]),
            HeaderField.tokens("Message-ID", ["<\(messageID)>"]),
            "Auto-Submitted: auto-generated",
            HeaderField.tokens("Content-Language", [language]),
        ]
        if let unsubscribe {
            guard HeaderField.isToken(unsubscribe), unsubscribe.hasPrefix("https://") else {
                throw ComposingError.unsubscribe
            }
            fields.append(HeaderField.tokens("List-Unsubscribe", ["<\(unsubscribe)>"]))
            fields.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
        }
        // quoted-printable text never has "=_" in it
        let boundary = "=_waymark"
        fields.append("MIME-Version: 1.0")
        fields.append("Content-Type: multipart/alternative; boundary=\"\(boundary)\"")
        func part(_ type: String, _ body: String) -> String {
            "--\(boundary)\r\nContent-Type: \(type); charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                + QuotedPrintable.encode(body) + "\r\n"
        }
        let whole =
            fields.joined(separator: "\r\n") + "\r\n\r\n" + part("text/plain", text) + part("text/html", html)
            + "--\(boundary)--\r\n"
        return ComposedMail(
            sender: writer.text, recipient: reader.text, messageID: messageID, bytes: Array(whole.utf8))
    }

    /// Such as `Sun, 29 Nov 2026 08:00:00 +0000`; a moment beyond the calendar's ends is its end.
    static func format(_ date: Date) -> String {
        let limits = -62_135_596_800.0...253_402_300_799.0
        let seconds = Int(min(max(date.timeIntervalSince1970, limits.lowerBound), limits.upperBound).rounded(.down))
        let days = Int((Double(seconds) / 86_400).rounded(.down))
        let rest = seconds - days * 86_400
        guard let day = CalendarDate(daysSince1970: days) else { return "Thu, 01 Jan 1970 00:00:00 +0000" }
        let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let year = String(day.year)
        return names[((days % 7) + 7) % 7] + ", \(two(day.day)) \(months[day.month - 1]) "
            + String(repeating: "0", count: max(0, 4 - year.utf8.count)) + year
            + " \(two(rest / 3_600)):\(two(rest / 60 % 60)):\(two(rest % 60)) +0000"
    }
}

/// A mail as it travels.
public struct ComposedMail: Sendable {
    /// The envelope's sender.
    public let sender: String
    /// The envelope's recipient.
    public let recipient: String
    /// Without angle brackets.
    public let messageID: String
    /// Header and body.
    public let bytes: [UInt8]
}

/// What a header field cannot carry.
public enum ComposingError: Error, Equatable {
    /// The address is not a plain ASCII one. Others (RFC 6531) would need a server that takes them.
    case address
    /// The id has spaces, control or other characters that an id must not have, or no `@`.
    case messageID
    /// The same of the language.
    case language
    /// The link is not an https address of printable ASCII.
    case unsubscribe
}

/// An address that can stand in a header field and an envelope: a dot-atom at a host name, in ASCII.
struct MailAddress {
    let text: String

    /// - Throws: `ComposingError.address`.
    init(_ text: String) throws {
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard text.utf8.count <= 254, parts.count == 2, let local = parts.first, let domain = parts.last,
            Self.isDotted(local, Self.isAtom), Self.isDotted(domain, Self.isHost)
        else { throw ComposingError.address }
        self.text = text
    }

    private static func isDotted(_ text: Substring.UTF8View, _ isPart: (UInt8) -> Bool) -> Bool {
        text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0.allSatisfy(isPart) }
    }

    private static func isHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isAtom(_ byte: UInt8) -> Bool {
        isHost(byte) || "!#$%&'*+/=?^_`{|}~".utf8.contains(byte)
    }
}
