import Dates
import FoundationEssentials
import Postgres

extension String: JSONEncodable {
    /// Writes a string.
    public func write(to json: inout JSONWriter) { json.string(self) }
}

extension Int: JSONEncodable {
    /// Writes a number.
    public func write(to json: inout JSONWriter) { json.integer(self) }
}

extension Bool: JSONEncodable {
    /// Writes `true` or `false`.
    public func write(to json: inout JSONWriter) { json.raw(self ? "true" : "false") }
}

extension Optional: JSONEncodable where Wrapped: JSONEncodable {
    /// Writes null for nil.
    public func write(to json: inout JSONWriter) {
        if let self { self.write(to: &json) } else { json.null() }
    }
}

extension Array: JSONEncodable where Element: JSONEncodable {
    /// Writes an array.
    public func write(to json: inout JSONWriter) {
        json.array { for element in self { element.write(to: &$0) } }
    }
}

extension CalendarDate: JSONEncodable {
    /// Writes `"2026-12-01"`.
    public func write(to json: inout JSONWriter) { json.unescaped { append(to: &$0) } }

    func append(to json: inout JSONWriter) {
        json.append(padded: year, width: 4)
        json.append(UInt8(ascii: "-"))
        json.append(padded: month, width: 2)
        json.append(UInt8(ascii: "-"))
        json.append(padded: day, width: 2)
    }
}

/// An instant, as RFC 3339 in UTC.
extension Date: JSONEncodable {
    /// Writes `"2026-12-01T09:30:00Z"`; null for an instant that RFC 3339 cannot write.
    public func write(to json: inout JSONWriter) {
        guard let instant = Instant(self) else { return json.null() }
        json.unescaped { instant.append(to: &$0) }
    }
}

extension JSONText: JSONEncodable {
    /// Writes the text as it is.
    public func write(to json: inout JSONWriter) { json.raw(text) }
}

extension RawRepresentable where Self: JSONEncodable, RawValue == String {
    /// The raw value as a string: what an enumeration of names needs, with nothing but the conformance declared.
    public func write(to json: inout JSONWriter) { json.string(rawValue) }
}
