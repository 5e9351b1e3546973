/// A piece of a page: UTF-8 in which everything that may come from outside is escaped already.
///
/// Text becomes HTML by being escaped, elements by the functions of this folder; nothing else makes any.
struct HTML: Sendable {
    private(set) var bytes: [UInt8] = []

    /// Nothing.
    init() {}

    /// Text, escaped: it can stand between tags and in a quoted attribute.
    init(_ text: String) { append(text) }

    /// Markup taken as it is. A `StaticString` is written in the source, so nothing from outside can come in here.
    init(trustedMarkup: StaticString) { append(markup: trustedMarkup) }

    var isEmpty: Bool { bytes.isEmpty }

    mutating func append(_ other: HTML) { bytes += other.bytes }

    /// Appends text, escaped.
    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(utf8: $0) }
    }

    /// Appends a piece of a text, escaped. It may end within a character: no escape changes one of several bytes.
    mutating func append(utf8: UnsafeBufferPointer<UInt8>) {
        var plain = 0  // where the bytes begin that need no escape
        for (place, byte) in utf8.enumerated() {
            guard let entity = Self.entity(of: byte) else { continue }
            bytes += utf8[plain..<place]
            append(markup: entity)
            plain = place + 1
        }
        bytes += utf8[plain...]
    }

    /// What stands for a byte that has a meaning in HTML; nil for the others.
    @inline(__always)
    private static func entity(of byte: UInt8) -> StaticString? {
        guard byte <= UInt8(ascii: ">") else { return nil }
        return switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }

    /// Appends what the program itself says, as it is.
    fileprivate mutating func append(markup: StaticString) {
        bytes += UnsafeBufferPointer(start: markup.utf8Start, count: markup.utf8CodeUnitCount)
    }
}

extension HTML {
    /// An element with its content.
    init(element name: StaticString, _ attributes: [Attribute], _ content: HTML) {
        bytes.reserveCapacity(content.bytes.count + 2 * name.utf8CodeUnitCount + 5 + 48 * attributes.count)
        open(name, attributes)
        bytes += content.bytes
        append(markup: "</")
        append(markup: name)
        append(markup: ">")
    }

    /// An element that has no content and no end tag: `<input>`.
    init(void name: StaticString, _ attributes: [Attribute]) { open(name, attributes) }

    private mutating func open(_ name: StaticString, _ attributes: [Attribute]) {
        append(markup: "<")
        append(markup: name)
        for attribute in attributes {
            guard case .present(let value) = attribute.state else { continue }
            append(markup: " ")
            append(markup: attribute.prefix)
            append(markup: attribute.name)
            guard let value else { continue }
            append(markup: "=\"")
            append(value)
            append(markup: "\"")
        }
        append(markup: ">")
    }
}

/// Puts a page together: strings are escaped, pieces of HTML follow one another.
///
/// All that it takes becomes `HTML` at once, which keeps the compiler quick with long pages.
@resultBuilder
enum HTMLBuilder {
    static func buildExpression(_ text: String) -> HTML { HTML(text) }
    static func buildExpression(_ html: HTML) -> HTML { html }
    static func buildBlock() -> HTML { HTML() }
    static func buildPartialBlock(first: HTML) -> HTML { first }

    static func buildPartialBlock(accumulated: consuming HTML, next: HTML) -> HTML {
        accumulated.append(next)
        return accumulated
    }

    static func buildOptional(_ html: HTML?) -> HTML { html ?? HTML() }
    static func buildEither(first html: HTML) -> HTML { html }
    static func buildEither(second html: HTML) -> HTML { html }

    static func buildArray(_ pieces: [HTML]) -> HTML {
        var all = HTML()
        for piece in pieces { all.append(piece) }
        return all
    }
}

/// HTML written in braces.
typealias Content = () -> HTML
