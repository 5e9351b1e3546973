import Foundation
import Outgoing

/// What an answer of 400 and above says, for people.
struct Problem {
    private struct Document: Decodable {
        struct Field: Decodable {
            let field: String
            let detail: String
        }
        let title: String?
        let detail: String?
        let errors: [Field]?
        let blockedBy: [String]?
    }

    /// Status, detail and the fields at fault, in one line.
    let line: String

    init(_ answer: OutgoingAnswer) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(answer.body)) else {
            line = "the server answered \(answer.status)"
            return
        }
        var parts = ["\(answer.status): \(document.detail ?? document.title ?? "refused")"]
        parts += (document.errors ?? []).map { "\($0.field): \($0.detail)" }
        if let blockedBy = document.blockedBy, !blockedBy.isEmpty {
            parts.append("in the way: \(blockedBy.joined(separator: ", "))")
        }
        if let wait = answer.header("retry-after") { parts.append("try again in \(wait) s") }
        line = parts.joined(separator: "; ").oneLine
    }
}
