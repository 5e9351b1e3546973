import Dates
import Foundation

/// An iCalendar object of all-day events (RFC 5545), written line by line.
struct ICalendar {
    /// An event that takes one whole day and nobody's time.
    struct Event {
        /// The same for ever, and no other event's.
        let uid: String
        let day: CalendarDate
        let summary: String
        let description: String
        let url: String
        let category: String
        /// Counts the changes.
        let sequence: Int
    }

    let name: String
    let events: [Event]

    /// The object's bytes: lines of at most 75 octets, each ended by CR LF.
    /// - Parameter stamp: when it was made.
    func bytes(stamp: Date) -> [UInt8] {
        var lines = Lines()
        let made = Self.stamp(of: stamp)
        lines.add("BEGIN", "VCALENDAR")
        lines.add("VERSION", "2.0")
        lines.add("PRODID", "-//Waymark//Waymark//EN")
        lines.add("METHOD", "PUBLISH")
        lines.add("CALSCALE", "GREGORIAN")
        lines.add("NAME", Self.escaped(name))
        lines.add("X-WR-CALNAME", Self.escaped(name))
        lines.add("REFRESH-INTERVAL;VALUE=DURATION", "PT1H")
        lines.add("X-PUBLISHED-TTL", "PT1H")
        for event in events {
            lines.add("BEGIN", "VEVENT")
            lines.add("UID", Self.escaped(event.uid))
            lines.add("DTSTAMP", made)
            lines.add("DTSTART;VALUE=DATE", Self.day(event.day))
            // the first day that is not part of it
            lines.add("DTEND;VALUE=DATE", Self.day(event.day.adding(days: 1)))
            lines.add("SUMMARY", Self.escaped(event.summary))
            lines.add("DESCRIPTION", Self.escaped(event.description))
            lines.add("URL", event.url)
            lines.add("CATEGORIES", Self.escaped(event.category))
            lines.add("SEQUENCE", String(event.sequence))
            lines.add("TRANSP", "TRANSPARENT")
            lines.add("END", "VEVENT")
        }
        lines.add("END", "VCALENDAR")
        return lines.bytes
    }

    /// `20261201`.
    private static func day(_ day: CalendarDate) -> String { day.description.filter { $0 != "-" } }

    /// `20261201T093000Z`.
    private static func stamp(of date: Date) -> String {
        date.machineText.filter { $0 != "-" && $0 != ":" }
    }

    /// Text as a property's value: what has a meaning there is escaped, each line break is `\n`, and what may not stand in one
    /// is left out.
    static func escaped(_ text: String) -> String {
        var value = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", ";", ",": value.append(contentsOf: ["\\", scalar])
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{2028}", "\u{2029}", "\u{85}": value.append(contentsOf: ["\\", "n"])
            case "\t": value.append(scalar)
            case let other where other.properties.generalCategory == .control: break
            default: value.append(scalar)
            }
            previous = scalar
        }
        return String(value)
    }

    /// Content lines, folded.
    struct Lines {
        /// Octets of a line, the break not counted.
        static let width = 75

        private(set) var bytes: [UInt8] = []

        /// Adds a property. A line that is too long goes on behind a break and a space; no character is cut in two.
        mutating func add(_ name: String, _ value: String) {
            var room = Self.width
            for scalar in "\(name):\(value)".unicodeScalars {
                let octets = UTF8.encode(scalar).map(Array.init) ?? []
                if octets.count > room {
                    bytes += [0x0D, 0x0A, 0x20]
                    room = Self.width - 1
                }
                bytes += octets
                room -= octets.count
            }
            bytes += [0x0D, 0x0A]
        }
    }
}
