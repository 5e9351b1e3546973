import Foundation

/// `application/x-www-form-urlencoded`, as forms and query strings are written (WHATWG URL, 5.1).
enum URLEncoded {
    /// More pairs than any form or address of ours has.
    static let mostPairs = 500

    /// Why bytes are not read.
    enum Problem: Error, Equatable {
        /// More than `mostPairs`: they were counted, not decoded.
        case tooMany
        /// A pair is not percent-encoded UTF-8; the beginning of its name, as it was sent.
        case malformed(String)
    }

    /// The pairs in order. A name without `=` has an empty value.
    static func pairs(_ bytes: some Collection<UInt8>) throws(Problem) -> [(name: String, value: String)] {
        guard bytes.count(where: { $0 == UInt8(ascii: "&") }) < mostPairs else { throw .tooMany }
        var pairs: [(name: String, value: String)] = []
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            guard let decodedName = decoded(name), let value = decoded(pair.dropFirst(name.count + 1)) else {
                throw .malformed(String(decoding: name.prefix(60), as: UTF8.self))
            }
            pairs.append((decodedName, value))
        }
        return pairs
    }

    private static func decoded(_ encoded: some Sequence<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = encoded.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.next()?.hexadecimal, let low = rest.next()?.hexadecimal else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension String {
    /// As the value of a query parameter.
    var percentEncoded: String { addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }

    /// Where a link leads that writes to this e-mail address.
    var mailAddress: String {
        let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "@.-_+"))
        return "mailto:" + (addingPercentEncoding(withAllowedCharacters: plain) ?? "")
    }
}

extension UInt8 {
    /// The value of an ASCII digit in base 16; nil for all else.
    var hexadecimal: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
