import Casework
import Hummingbird

/// What a form says to one or many completion requests.
///
/// The button's value is the step, `return`, for all that are ticked; or the step and one request, `return 3-7-2`, which has
/// a comment of its own, `comment-3-7`. A request is named by milestone, student and the version that the page showed:
/// who decides has decided about that one, and not about what was sent since. Without a version nothing fits.
struct QueueAnswer {
    let action: ProgressAction
    private let seen: [(key: ProgressKey, version: IfMatch)]
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
        if let key {
            seen = [(key: key, version: visit.seenVersion)]
        } else {
            seen = try items.map(Self.request)
        }
        let own = words.count == 2 ? seen.first.map { Self.field($0.key) } : nil
        let field = own ?? "comment"
        comment = try Fields.read(form: visit.form.fields.filter { $0.key == field }) {
            $0.optional(field, .text(ProgressAction.commentLength, multiline: true))
        }
        guard !seen.isEmpty else { throw CaseworkError.invalid("", .nothingChosen) }
        guard seen.count <= 200 else { throw CaseworkError.invalid("", .beyond(.tooManyChosen, most: 200)) }
        guard comment != nil || !action.needsComment else {
            throw CaseworkError.invalid(field, .commentMissing)
        }
    }

    private static func request(_ text: String) throws -> (key: ProgressKey, version: IfMatch) {
        let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        guard (2...3).contains(numbers.count), numbers.allSatisfy({ (0...Int(Int32.max)).contains($0) }),
            numbers[0] > 0, numbers[1] > 0
        else { throw CaseworkError.notFound }
        return (
            ProgressKey(milestone: numbers[0], student: numbers[1]), .versions(Set(numbers.dropFirst(2)))
        )
    }

    /// The field of the comment that belongs to one request, whichever version of it.
    static func field(_ key: ProgressKey) -> String { "comment-\(key.milestone)-\(key.student)" }

    /// Takes the step for each.
    func give(_ visit: Visit) async throws -> ManyAnswers {
        try await ProgressRepository(work: visit.call.work()).take(action, for: seen, comment: comment)
    }

    /// The key of the sentence that says it is done.
    var done: DoneText {
        switch action {
        case .complete: .approved
        case .return: .returned
        case .waive: .waived
        case .reopen: .reopened
        case .submit, .withdraw: .saved
        }
    }

    /// How many were done, and which were not and why.
    func report(_ answers: ManyAnswers, _ words: Catalogue) -> QueuePage.Report {
        QueuePage.Report(
            done: answers.done == 0 ? words[ProgressText.noneDone] : words[done, n: answers.done],
            notDone: words[ProgressText.notDone, n: answers.refused.count],
            refused: answers.refused.map { Self.says($0, words) })
    }

    /// `Amara Osei, Meet your advisor: is now completed, by Luis Ferreira`.
    static func says(_ refused: ManyAnswers.Refused, _ words: Catalogue) -> String {
        let subject = [refused.student, refused.title].compactMap(\.self).joined(separator: ", ")
        let reason =
            switch refused.reason {
            case .state(let state, let actor):
                words[
                    actor == nil ? ProgressText.nowState : .nowStateBy,
                    ["state": words[state.text], "who": actor ?? ""]]
            case .sentAgain: words[ProgressText.sentAgain]
            case .forbidden: words[ProgressText.forbidden]
            case .gone: words[ProgressText.gone]
            case .notTried: words[ProgressText.notTried]
            }
        return "\(subject.isEmpty ? words[ProgressText.unknown] : subject): \(reason)"
    }
}
