import Casework
import Hummingbird

/// What a form says to one or many completion requests.
///
/// The button's value is the step, `return`, for all that are ticked; or the step and one request, `return 3-7`
/// (milestone, student), which has a comment of its own, `comment-3-7`.
struct QueueAnswer {
    let action: ProgressAction
    private let keys: [ProgressKey]
    private let comment: String?

    /// - Parameter key: what it is about, where the page says so and not the form.
    /// - Throws: `CaseworkError.notFound` for what no button of ours says; `.invalid` where something is missing.
    init(_ visit: Visit, on key: ProgressKey? = nil) throws {
        let words = (visit.form["action"] ?? "").split(separator: " ", maxSplits: 2).map(String.init)
        guard let action = words.first.flatMap(ProgressAction.init), action.isForStaff, words.count <= 2 else {
            throw CaseworkError.notFound
        }
        self.action = action
        let items = words.count == 2 ? [words[1]] : visit.form.fields["item"] ?? []
        keys = try key.map { [$0] } ?? items.map(Self.key)
        let field = words.count == 2 ? "comment-\(words[1])" : "comment"
        comment = try Fields.read(form: visit.form.fields.filter { $0.key == field }) {
            $0.optional(field, .text(ProgressAction.commentLength, multiline: true))
        }
        guard !keys.isEmpty else { throw CaseworkError.invalid("", visit.words.text("progress.chooseFirst")) }
        guard keys.count <= 200 else { throw CaseworkError.invalid("", visit.words.text("progress.chooseFewer")) }
        guard comment != nil || !action.needsComment else {
            throw CaseworkError.invalid(field, visit.words.text("progress.commentNeeded"))
        }
    }

    private static func key(_ text: String) throws -> ProgressKey {
        let ids = text.split(separator: "-").compactMap { Int($0) }
        guard ids.count == 2, ids.allSatisfy({ (1...Int(Int32.max)).contains($0) }) else {
            throw CaseworkError.notFound
        }
        return ProgressKey(milestone: ids[0], student: ids[1])
    }

    /// Takes the step for each.
    func give(_ visit: Visit) async throws -> ManyAnswers {
        try await ProgressRepository(work: visit.call.work()).take(action, for: keys, comment: comment)
    }

    /// The key of the sentence that says it is done.
    var done: String {
        switch action {
        case .complete: "approved"
        case .return: "returned"
        case .waive: "waived"
        case .reopen: "reopened"
        case .submit, .withdraw: "saved"
        }
    }

    /// How many were done, and which were not and why.
    func report(_ answers: ManyAnswers, _ visit: Visit) -> Visit.Model {
        let words = visit.words
        return [
            "done": answers.done == 0 ? words.text("progress.noneDone") : words.text("done.\(done)", n: answers.done),
            "notDone": words.text("progress.notDone", n: answers.refused.count),
            "refused": answers.refused.map { Self.says($0, words) },
        ]
    }

    /// `Amara Osei, Meet your advisor: is now completed, by Luis Ferreira`.
    static func says(_ refused: ManyAnswers.Refused, _ words: Catalogue) -> String {
        let subject = [refused.student, refused.title].compactMap(\.self).joined(separator: ", ")
        let reason =
            switch refused.reason {
            case .state(let state, let actor):
                words.text(
                    actor == nil ? "progress.nowState" : "progress.nowStateBy",
                    ["state": words.text("progress.\(state.rawValue)"), "who": actor ?? ""])
            case .forbidden: words.text("progress.forbidden")
            case .gone: words.text("progress.gone")
            case .notTried: words.text("progress.notTried")
            }
        return "\(subject.isEmpty ? words.text("progress.unknown") : subject): \(reason)"
    }
}
