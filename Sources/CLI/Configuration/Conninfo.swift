import Foundation

/// A libpq connection string, as URL or as `keyword=value` pairs.
struct Conninfo {
    private let text: String

    init(_ text: String) {
        self.text = text
    }

    /// The same place under another login.
    /// - Parameter password: nil leaves what is there (or `~/.pgpass`).
    func with(user: String, password: String?, database: String? = nil) -> String {
        var pairs = [("user", user)]
        if let password { pairs.append(("password", password)) }
        if let database { pairs.append(("dbname", database)) }
        if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") {
            let query = pairs.map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&")
            return text + (text.contains("?") ? "&" : "?") + query
        }
        return text + pairs.map { " \($0)='\(Self.quoted($1))'" }.joined()
    }

    /// The same server's URL with another database and, where named, another login. For URLs with the login in front.
    func url(database: String, user: String? = nil, password: String? = nil) -> String {
        guard var parts = URLComponents(string: text) else { return text }
        parts.path = "/" + database
        if let user {
            parts.user = user
            parts.password = password
        }
        return parts.string ?? text
    }

    /// Host and database for people to read; never a password.
    var place: String {
        guard let url = URLComponents(string: text), let host = url.host else { return "the configured database" }
        return "\(host)\(url.port.map { ":\($0)" } ?? "")\(url.path)"
    }

    private static func escaped(_ value: String) -> String {
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return value.addingPercentEncoding(withAllowedCharacters: plain) ?? value
    }

    private static func quoted(_ value: String) -> String {
        value.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "'", with: "\\'")
    }
}
