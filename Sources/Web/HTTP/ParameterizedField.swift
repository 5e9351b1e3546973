import Foundation

/// The value of a header field with parameters behind it (RFC 9110, 5.6.6): `text/csv; charset="utf-8"`.
struct ParameterizedField {
    /// What stands before the first semicolon, in lower case.
    let value: String
    /// By name in lower case; quotes are taken off.
    private(set) var parameters: [String: String] = [:]

    /// Why a text is none.
    enum Problem: Error, Equatable {
        /// It does not follow the grammar.
        case malformed
        /// The parameter of this name comes twice.
        case repeated(String)
    }

    init(parsing header: String) throws(Problem) {
        var rest = header.unicodeScalars[...]
        rest.skipSpace()
        value = try rest.popToken(with: "/").lowercased()
        rest.skipSpace()
        while rest.popFirst(where: ";") {
            rest.skipSpace()
            if rest.isEmpty || rest.first == ";" { continue }
            let name = try rest.popToken().lowercased()
            rest.skipSpace()
            guard rest.popFirst(where: "=") else { throw .malformed }
            rest.skipSpace()
            // an extended value, `filename*=UTF-8''a`, has no quotes (RFC 8187)
            let value = rest.first == "\"" && !name.hasSuffix("*") ? try rest.popQuoted() : try rest.popToken()
            guard parameters.updateValue(value, forKey: name) == nil else {
                throw .repeated(name)
            }
            rest.skipSpace()
        }
        guard rest.isEmpty else { throw .malformed }
    }
}

extension Substring.UnicodeScalarView {
    fileprivate mutating func skipSpace() {
        while first == " " || first == "\t" { removeFirst() }
    }

    fileprivate mutating func popFirst(where scalar: Unicode.Scalar) -> Bool {
        guard first == scalar else { return false }
        removeFirst()
        return true
    }

    /// - Parameter extra: a character besides those of a token.
    fileprivate mutating func popToken(with extra: Unicode.Scalar? = nil) throws(ParameterizedField.Problem) -> String {
        var text = String.UnicodeScalarView()
        while let scalar = first, scalar.isTokenCharacter || scalar == extra {
            text.append(scalar)
            removeFirst()
        }
        guard !text.isEmpty else { throw .malformed }
        return String(text)
    }

    /// The text within quotes.
    fileprivate mutating func popQuoted() throws(ParameterizedField.Problem) -> String {
        removeFirst()
        var text = String.UnicodeScalarView()
        while let scalar = popFirst() {
            switch scalar {
            case "\"": return String(text)
            case "\\":
                guard let next = popFirst() else { throw .malformed }
                // Only a quote or a backslash needs escaping; before anything else it is a path on somebody's disk.
                if next != "\"", next != "\\" { text.append(scalar) }
                text.append(next)
            default: text.append(scalar)
            }
        }
        throw .malformed
    }
}

extension Unicode.Scalar {
    /// RFC 9110, 5.6.2.
    fileprivate var isTokenCharacter: Bool {
        isASCII && value > 0x20 && value < 0x7F && !"()<>@,;:\\\"/[]?={}".unicodeScalars.contains(self)
    }
}

extension StringProtocol {
    /// Without spaces and tabs at both ends.
    var trimmingSpaces: String { trimmingCharacters(in: .whitespaces) }
}
