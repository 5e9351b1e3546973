/// The languages that pages and mail are written in.
public enum Language: String, Sendable, Hashable, CaseIterable, JSONEncodable {
    /// The one of whom nobody has chosen another for.
    case english = "en"
    /// Spanish.
    case spanish = "es"
}
