import Casework
import Hummingbird
import Tenancy

/// Taking back the steps of the last answer, from the notice that tells of it.
enum UndoPages {
    static let routes: [PageRoute] = [
        .post("/undo", .signedIn(.progress)) { visit in
            let seen = try (visit.form.fields["item"] ?? []).map(QueueAnswer.request)
            guard let first = seen.first?.key, seen.count <= 200 else { throw CaseworkError.notFound }
            let answers = try await ProgressRepository(work: visit.call.work()).undo(seen)
            let address = visit.form["to"].flatMap(\.ownPath) ?? "/"
            guard answers.refused.isEmpty else { return try await refusal(visit, answers, backTo: address) }
            let anchor = visit.call.account == first.student ? "milestone-\(first.milestone)" : first.anchor
            return visit.redirect(
                "\(address)#\(anchor)", done: .undone, count: answers.done.count,
                subject: answers.done.count == 1 ? answers.done.first?.subject : nil)
        }
    ]

    /// Says what could not be taken back, and why.
    private static func refusal(
        _ visit: Visit, _ answers: ManyAnswers, backTo address: String
    ) async throws -> Response {
        let words = visit.words
        let title = words[ProgressText.notUndone, n: answers.refused.count]
        return visit.page(title: title, viewer: try await visit.viewer(), current: address, status: .conflict) {
            section(.class("card stack")) {
                h1(.tabIndex(-1), .data("focus")) { title }
                if !answers.done.isEmpty { p { words[DoneText.undone, n: answers.done.count] } }
                ul(.class("points")) { for one in answers.refused { li { QueueAnswer.says(one, words) } } }
                p { a(.class("button"), .href(address)) { words[ProgressText.back] } }
            }
        }
    }
}
