import Postgres

/// Where a list goes on: the sort keys of the last element the caller has seen. Opaque to callers, and not secret.
public struct Cursor: Sendable, Hashable, CustomStringConvertible, JSONEncodable {
    /// One sort key.
    public enum Key: Sendable, Hashable {
        /// Text, such as a name.
        case text(String)
        /// A number, such as an id.
        case int(Int)
        /// Null, such as a missing due date.
        case null
    }

    /// The keys, in sort order.
    public let keys: [Key]

    /// A cursor after the element with these keys.
    public init(_ keys: Key...) { self.keys = keys }

    /// The cursor that `description` wrote; throws `CaseworkError.invalid` for anything else.
    public init(parsing text: String) throws(CaseworkError) {
        guard let cursor = Cursor(text) else { throw Self.refusal }
        self = cursor
    }

    init?(_ text: String) {
        guard text.utf8.count <= 4096, let bytes = Base64.url.decode(text),
            let value = try? JSONValue(parsing: bytes), case .array(let values) = value, !values.isEmpty
        else { return nil }
        var keys: [Key] = []
        for value in values {
            switch value {
            case .null: keys.append(.null)
            case .string(let text) where !text.utf8.contains(0): keys.append(.text(text))
            case .number(let number):
                guard let integer = number.integer else { return nil }
                keys.append(.int(integer))
            default: return nil
            }
        }
        self.keys = keys
    }

    /// The text key at that place; throws `.invalid` where a caller made up another cursor.
    public func text(_ index: Int) throws(CaseworkError) -> String {
        guard keys.indices.contains(index), case .text(let text) = keys[index] else { throw Self.refusal }
        return text
    }

    /// The number at that place; throws like `text`.
    public func int(_ index: Int) throws(CaseworkError) -> Int {
        guard keys.indices.contains(index), case .int(let value) = keys[index] else { throw Self.refusal }
        return value
    }

    /// The opaque text that callers hand back.
    public var description: String { Base64.url.encode(JSONWriter.bytes(of: keys, capacity: 64)) }
    /// Writes its opaque text as a string.
    public func write(to json: inout JSONWriter) { json.string(description) }

    static var refusal: CaseworkError { .invalid("cursor", .notACursor) }
}

extension Cursor.Key: JSONEncodable {
    /// Writes the key as a string, a number or null.
    public func write(to json: inout JSONWriter) {
        switch self {
        case .text(let text): json.string(text)
        case .int(let value): json.integer(value)
        case .null: json.null()
        }
    }
}

/// Which part of a list is wanted.
public struct PageRequest: Sendable, Hashable {
    /// How many elements at most, 1 to 200.
    public let limit: Int
    /// Where the page starts; nil for the first.
    public let after: Cursor?

    /// A page with that many elements after that point.
    public init(limit: Int = usual, after: Cursor? = nil) {
        self.limit = min(max(limit, 1), 200)
        self.after = after
    }

    /// How many elements where nobody says.
    public static let usual = 50

    /// How many rows to ask the database for: one more, which tells whether there is a next page.
    public var fetch: Int { limit + 1 }

    /// The same in SQL. The usual number stands in the statement: of a parameter the planner cannot tell whether it is 51 or
    /// 2,000, so it plans a long statement anew each time (10 of 80 ms for a list of 20,000 students).
    var rows: SQL { limit == Self.usual ? "51" : "\(fetch)" }
}

extension Fields {
    /// The parameters `limit` and `cursor` of a list.
    public mutating func page() -> PageRequest {
        PageRequest(
            limit: value("limit", .int(1...200), default: PageRequest.usual),
            after: optional("cursor", .cursor))
    }
}

extension FieldRule where Value == Cursor {
    static var cursor: FieldRule {
        FieldRule(placeholder: Cursor()) { (text) throws(Refusal) in
            guard let cursor = Cursor(text) else { throw Refusal(.notACursor) }
            return cursor
        }
    }
}

/// One page of a list, written as `{"items":[...],"next":...}`.
public struct Page<Element> {
    /// The elements, at most `limit` of them.
    public let items: [Element]
    /// The cursor of the next page; nil on the last.
    public let next: Cursor?

    /// A page of exactly these elements.
    public init(items: [Element], next: Cursor? = nil) {
        self.items = items
        self.next = next
    }

    /// The page that `rows` hold, which were asked for with `request.fetch`; `cursor` names the sort keys of an element.
    public init(_ rows: [Element], _ request: PageRequest, cursor: (Element) -> Cursor) {
        items = Array(rows.prefix(request.limit))
        next = rows.count > request.limit ? items.last.map(cursor) : nil
    }

    /// The same page with other elements.
    public func map<Other>(_ transform: (Element) throws -> Other) rethrows -> Page<Other> {
        Page<Other>(items: try items.map(transform), next: next)
    }
}

extension Page: Sendable where Element: Sendable {}
extension Page: Equatable where Element: Equatable {}

extension Page: JSONEncodable where Element: JSONEncodable {
    /// Writes `{"items":[...],"next":...}`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("items", items)
            $0.field("next", next)
        }
    }
}
