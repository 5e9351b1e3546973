import Casework

/// What a body is said to be (RFC 9110, 8.3).
struct MediaType {
    /// Type and subtype in lower case: `text/csv`.
    let name: String
    /// By name in lower case.
    let parameters: [String: String]

    /// Nil where the header's value is no media type.
    init?(_ header: String) {
        guard let field = try? ParameterizedField(parsing: header) else { return nil }
        let halves = field.value.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, !halves.contains(where: \.isEmpty) else { return nil }
        name = field.value
        parameters = field.parameters
    }

    /// Refuses text in another encoding than UTF-8, which nobody here would read rightly.
    /// - Throws: `unsupportedMediaType`.
    func requireUTF8() throws(CaseworkError) {
        guard let charset = parameters["charset"], !Self.utf8.contains(charset.lowercased()) else { return }
        throw .unsupportedMediaType(Refusal(.notUTF8, ["charset": .text(String(charset.prefix(40)))]))
    }

    /// What UTF-8 is called, and what is a part of it.
    private static let utf8: Set<String> = ["utf-8", "utf8", "us-ascii"]
}
