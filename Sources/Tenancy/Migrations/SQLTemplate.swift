/// SQL with places for an institution's names, taken apart once: to search 280 kB for each of them takes 40 ms, and the
/// service's other work waits for that, of every institution that is made.
struct SQLTemplate: Sendable {
    private let beginning: Substring
    /// Each place with the text behind it.
    private let rest: [(place: Substring, text: Substring)]

    init(_ text: String) {
        let parts = text.split(separator: "{{", omittingEmptySubsequences: false)
        beginning = parts.first ?? ""
        rest = parts.dropFirst().map { part in
            let halves = part.split(separator: "}}", maxSplits: 1, omittingEmptySubsequences: false)
            return (place: halves.first ?? "", text: halves.dropFirst().first ?? "")
        }
    }

    /// The SQL of one institution.
    /// - Parameter granted: what stands for `{{granted}}`.
    func filled(for institution: Institution, granted: String = "") -> String {
        let schema = institution.schema
        var sql = String(beginning)
        for (place, text) in rest {
            switch place {
            case "schema": sql += schema
            case "id": sql += String(institution.id)
            case "granted": sql += granted
            case "app": sql += "waymark_app_\(institution.partition)"
            default: sql += "{{\(place)}}"
            }
            sql += text
        }
        return sql
    }
}
