/// SQL text with `$1…$n` and the values bound to them.
///
/// An interpolated value becomes a parameter, never text; an interpolated `SQL` is spliced in with its placeholders
/// renumbered. Only ``init(unchecked:)`` turns a string into SQL text.
public struct SQL: Sendable, Hashable {
    struct Binding: Sendable, Hashable {
        var value: Parameter
        /// Where its `$n` starts in the text's UTF-8; moved when the text is spliced into another.
        var offset: Int
    }

    /// The text the server parses.
    public private(set) var text: String
    private(set) var bindings: [Binding]

    /// Takes text as SQL without a check. For migrations and names of schemas and roles, never for what a user wrote.
    public init(unchecked text: String) {
        self.text = text
        self.bindings = []
    }

    init() {
        self.init(unchecked: "")
    }

    /// The bound values in the order of their placeholders.
    public var parameters: [Parameter] { bindings.map(\.value) }

    mutating func append(text more: String) {
        text += more
    }

    mutating func append(value: Parameter) {
        bindings.append(Binding(value: value, offset: text.utf8.count))
        text += "$"
        text += String(bindings.count)
    }

    mutating func append(_ other: SQL) {
        if bindings.isEmpty || other.bindings.isEmpty {
            let shift = text.utf8.count
            text += other.text
            for binding in other.bindings {
                bindings.append(Binding(value: binding.value, offset: binding.offset + shift))
            }
            return
        }
        let source = other.text.utf8
        var position = 0
        for (index, binding) in other.bindings.enumerated() {
            append(text: other.slice(from: position, to: binding.offset))
            append(value: binding.value)
            position = binding.offset + 1 + String(index + 1).utf8.count
        }
        append(text: other.slice(from: position, to: source.count))
    }

    private func slice(from start: Int, to end: Int) -> String {
        let utf8 = text.utf8
        return String(text[utf8.index(utf8.startIndex, offsetBy: start)..<utf8.index(utf8.startIndex, offsetBy: end)])
    }

    /// Both texts one after the other, nothing between them.
    public static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum.append(right)
        return sum
    }

    /// Appends a piece to the text.
    public static func += (left: inout SQL, right: SQL) {
        left.append(right)
    }
}

extension Sequence<SQL> {
    /// The pieces with a separator between them, such as `", "` or `" and "`.
    public func joined(separator: SQL = ", ") -> SQL {
        var result = SQL()
        for (index, piece) in enumerated() {
            if index > 0 { result.append(separator) }
            result.append(piece)
        }
        return result
    }
}

extension SQL: ExpressibleByStringInterpolation {
    /// Text without values.
    public init(stringLiteral value: StaticString) {
        self.init(unchecked: value.description)
    }

    /// Text with the values bound to it.
    public init(stringInterpolation: Interpolation) {
        self = stringInterpolation.sql
    }

    /// Collects the literal pieces as text and everything else as bound values.
    public struct Interpolation: StringInterpolationProtocol, Sendable {
        var sql = SQL()

        /// Starts with nothing.
        public init(literalCapacity: Int, interpolationCount: Int) {
            sql.reserve(text: literalCapacity + interpolationCount * 3, bindings: interpolationCount)
        }

        /// A piece of the text as written in the source.
        public mutating func appendLiteral(_ literal: StaticString) {
            sql.append(text: literal.description)
        }

        /// Binds a value.
        public mutating func appendInterpolation(_ value: some PostgresEncodable) {
            sql.append(value: value.postgresParameter)
        }

        /// Binds a value or NULL.
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            sql.append(value: value.postgresParameter)
        }

        /// Splices another piece of SQL, its placeholders renumbered.
        public mutating func appendInterpolation(_ nested: SQL) {
            sql.append(nested)
        }
    }

    fileprivate mutating func reserve(text capacity: Int, bindings count: Int) {
        text.reserveCapacity(capacity)
        bindings.reserveCapacity(count)
    }
}
