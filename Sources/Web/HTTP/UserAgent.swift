/// What a client calls itself in `User-Agent` (RFC 9110, 10.1.5), in short: `Firefox, Windows`. It may say anything; all that is
/// taken of it are words of a list, and else its first word.
enum UserAgent {
    // browsers name those that they are like, so who is like others comes first
    private static let browsers: [(mark: String, name: String)] = [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ]

    private static let systems: [(mark: String, name: String)] = [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
        ("Macintosh", "macOS"), ("Linux", "Linux"),
    ]

    /// Browser and system; of a program its name; nil where that says nothing.
    static func name(of header: String?) -> String? {
        guard let text = header?.prefix(1_000) else { return nil }
        let browser = browsers.first { text.contains($0.mark) }?.name
        let system = systems.first { text.contains($0.mark) }?.name
        if let browser { return [browser, system].compactMap(\.self).joined(separator: ", ") }
        let word = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == ".") }
        return word.isEmpty ? system : String(word.prefix(40))
    }
}
