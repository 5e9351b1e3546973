import Foundation

/// Text as forms and addresses carry it (application/x-www-form-urlencoded, percent-encoded without exceptions).
enum FormText {
    /// Names and values of a form's body, or of a query string.
    static func encoded(_ fields: [(String, String)]) -> String {
        fields.map { "\($0.0)=\(escaped($0.1))" }.joined(separator: "&")
    }

    /// One value.
    static func escaped(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }

    /// The header field by which a client says who it is (RFC 6749 §2.3.1).
    static func basic(client: String, secret: String) -> String {
        let pair = "\(escaped(client)):\(escaped(secret))"
        return "Basic \(Data(pair.utf8).base64EncodedString())"
    }
}
