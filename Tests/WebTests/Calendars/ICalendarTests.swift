import Dates
import Foundation
import TestSupport
import Testing

@testable import Web

/// The content lines of an object, unfolded, after the rules that every line must keep.
private func contentLines(_ bytes: [UInt8]) throws -> [String] {
    var lines: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
        let end = try #require(
            zip(rest.indices, rest.indices.dropFirst()).first { rest[$0] == 13 && rest[$1] == 10 })
        let line = Array(rest[..<end.0])
        #expect(line.count <= 75 && !line.contains(13) && !line.contains(10), "\(line.count) octets")
        let text = String(validating: line, as: UTF8.self)
        #expect(text != nil, "a character was cut in two")
        if line.first == 0x20, !lines.isEmpty {
            lines[lines.count - 1] += line.dropFirst()
        } else {
            lines.append(line)
        }
        rest = rest[(end.1 + 1)...]
    }
    return lines.map { String(decoding: $0, as: UTF8.self) }
}

/// What a reader makes of an escaped text.
private func unescaped(_ value: some StringProtocol) -> String {
    var text = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in value.unicodeScalars {
        if isEscaped {
            text.append(scalar == "n" || scalar == "N" ? "\n" : scalar)
            isEscaped = false
        } else if scalar == "\\" {
            isEscaped = true
        } else {
            text.append(scalar)
        }
    }
    return String(text)
}

/// What is left of a text without what no calendar can carry.
private func carried(_ text: String) -> String {
    var kept = String.UnicodeScalarView()
    let text = text.unicodeScalars.map(Character.init)
    var previous: Character?
    for character in text {
        switch character {
        case "\n" where previous == "\r": break
        case "\n", "\r", "\u{2028}", "\u{2029}", "\u{85}": kept.append("\n")
        case "\t": kept.append("\t")
        case let other where other.unicodeScalars.allSatisfy({ $0.properties.generalCategory == .control }): break
        default: kept.append(contentsOf: character.unicodeScalars)
        }
        previous = character
    }
    return String(kept)
}

/// RFC 5545: folding by octets, and what is escaped in texts.
@Suite struct ICalendarTests {
    @Test(arguments: [
        (String(repeating: "a", count: 66) + "🎓 and on", 2), (String(repeating: "a", count: 67), 1),
        (String(repeating: "a", count: 68), 2), (String(repeating: "é", count: 200), 6), ("", 1),
    ])
    func `a line is folded before the character that has no room`(_ title: String, _ count: Int) throws {
        var folded = ICalendar.Lines()
        folded.add("SUMMARY", title)
        let text = String(decoding: folded.bytes, as: UTF8.self)
        #expect(text.split(separator: "\r\n").count == count)
        #expect(try contentLines(folded.bytes) == ["SUMMARY:\(title)"])
        if title.contains("🎓") { #expect(text.contains("\r\n 🎓")) }
    }

    @Test func `commas, semicolons, backslashes and line breaks are escaped`() {
        #expect(ICalendar.escaped("a, b; c\\d\r\ne\nf\rg: \"h\"") == #"a\, b\; c\\d\ne\nf\ng: "h""#)
        #expect(ICalendar.escaped("\u{0}\u{7}x\u{85}y\u{2028}z\t.") == "x\\ny\\nz\t.")
        #expect(ICalendar.escaped("\\n") == "\\\\n")
    }

    @Test(arguments: [
        ("2028-02-28", "20280229"), ("2027-02-28", "20270301"), ("2026-12-31", "20270101"), ("0001-01-01", "00010102"),
    ])
    func `an all-day event ends on the next day`(_ day: String, _ next: String) throws {
        let event = ICalendar.Event(
            uid: "1@x", day: try #require(CalendarDate(day)), summary: "S", description: "D", url: "https://x.example/",
            category: "C", sequence: 3)
        let bytes = ICalendar(name: "N", events: [event]).bytes(stamp: Date(timeIntervalSince1970: 1_800_000_000))
        let lines = try contentLines(bytes)
        #expect(lines.contains("DTSTART;VALUE=DATE:\(day.filter { $0 != "-" })"))
        #expect(lines.contains("DTEND;VALUE=DATE:\(next)"))
        #expect(lines.contains("DTSTAMP:20270115T080000Z"))
        #expect(lines.first == "BEGIN:VCALENDAR" && lines.last == "END:VCALENDAR")
    }
}

@Suite struct ICalendarFuzzTests {
    @Test func `whatever a title is, it comes back, in lines that every reader takes`() {
        let fault = Fuzz.faultInText(
            samples: ["BEGIN:VEVENT\r\nUID:x", "Meet, greet; eat\\drink", "👩‍👩‍👧 Familie"],
            pieces: ["\r\n", "\\", "\\n", ";", ",", ":", "END:VEVENT", "é", "🎓", "a", " ", "\t", "\u{2028}", "日本"],
            cases: 500
        ) { title in
            let event = ICalendar.Event(
                uid: "1@x", day: CalendarDate(daysSince1970: 20_000)!, summary: title, description: title + title,
                url: "https://x.example/", category: title, sequence: 1)
            let lines = try contentLines(
                ICalendar(name: title, events: [event]).bytes(stamp: Date(timeIntervalSince1970: 0)))
            let texts = [("SUMMARY", title), ("DESCRIPTION", title + title), ("CATEGORIES", title), ("NAME", title)]
            return lines.count == 22
                && texts.allSatisfy { name, text in
                    let line = lines.first { $0.hasPrefix("\(name):") } ?? ""
                    return unescaped(line.dropFirst(name.utf8.count + 1)) == carried(text)
                }
        }
        #expect(fault == nil)
    }
}
