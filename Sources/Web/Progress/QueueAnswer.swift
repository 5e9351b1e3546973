import Casework
import Hummingbird

/// What a form says to one or many completion requests.
///
/// The button's value is the step, `return`, for all that are ticked; or the step and its requests, `complete 3-7-2 3-8-1`.
/// One that is named by its button has a comment of its own, `comment-3-7`. A request is named by milestone, student and the
/// version that the page showed: who decides has decided about that one, and not about what was sent since. Without a version
/// nothing fits. Behind `then` stands which request the eye goes to next.
struct QueueAnswer {
    let action: ProgressAction
    /// Which request is next.
    let next: ProgressKey?
    private let seen: [(key: ProgressKey, version: IfMatch)]
    private let comment: String?

    /// - Parameter key: what it is about, where the page says so and not the form.
    /// - Throws: `CaseworkError.notFound` for what no button of ours says; `.invalid` where something is missing.
    init(_ visit: Visit, on key: ProgressKey? = nil) throws {
        let words = (visit.form["action"] ?? "").split(separator: " ").map(String.init)
        guard let action = words.first.flatMap(ProgressAction.init), action.isForStaff else {
            throw CaseworkError.notFound
        }
        self.action = action
        let named = words.dropFirst().prefix { $0 != "then" }
        next = try words.drop { $0 != "then" }.dropFirst().first.map { try Self.request($0).key }
        if let key {
            seen = [(key: key, version: visit.seenVersion)]
        } else {
            seen = try (named.isEmpty ? visit.form.fields["item"] ?? [] : Array(named)).map(Self.request)
        }
        let own = named.count == 1 ? seen.first.map { Self.field($0.key) } : nil
        let field = own ?? "comment"
        comment = try Fields.read(form: visit.form.fields.filter { named.count < 2 && $0.key == field }) {
            $0.optional(field, .text(ProgressAction.commentLength, multiline: true))
        }
        guard !seen.isEmpty else { throw CaseworkError.invalid("", .nothingChosen) }
        guard seen.count <= 200 else { throw CaseworkError.invalid("", .beyond(.tooManyChosen, most: 200)) }
        guard comment != nil || !action.needsComment else {
            throw CaseworkError.invalid(field, .commentMissing)
        }
    }

    /// The request or step that a text names: milestone, student and version.
    /// - Throws: `CaseworkError.notFound` where it names none.
    static func request(_ text: String) throws -> (key: ProgressKey, version: IfMatch) {
        let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        guard (2...3).contains(numbers.count), numbers.allSatisfy({ (0...Int(Int32.max)).contains($0) }),
            numbers[0] > 0, numbers[1] > 0
        else { throw CaseworkError.notFound }
        return (
            ProgressKey(milestone: numbers[0], student: numbers[1]), .versions(Set(numbers.dropFirst(2)))
        )
    }

    /// What a button adds to its value, so that the answer leads on to a request.
    static func then(_ item: QueueItem?) -> String { item.map { " then \($0.name)" } ?? "" }

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

    /// To a page that says what was done, and offers to take it back.
    func redirect(_ visit: Visit, to path: String, _ answers: ManyAnswers) -> Response {
        visit.redirect(
            path, done: done, count: answers.done.count,
            subject: answers.done.count == 1 ? answers.done.first?.subject : nil, undo: answers.done.map(\.step))
    }

    /// How many were done, and which were not and why.
    func report(_ answers: ManyAnswers, _ words: Catalogue) -> QueuePage.Report {
        QueuePage.Report(
            done: answers.done.isEmpty ? words[ProgressText.noneDone] : words[done, n: answers.done.count],
            notDone: words[ProgressText.notDone, n: answers.refused.count],
            refused: answers.refused.map { Self.says($0, words) })
    }

    /// `Amara Osei, Meet your advisor is now “done”, by Luis Ferreira.`
    static func says(_ refused: ManyAnswers.Refused, _ words: Catalogue) -> String {
        let subject = [refused.student, refused.title].compactMap(\.self).joined(separator: ", ")
        var values = ["what": subject.isEmpty ? words[ProgressText.unknown] : subject]
        switch refused.reason {
        case .state(let state, let actor):
            values["state"] = words[state.text]
            values["who"] = actor
            return words[actor == nil ? ProgressText.nowState : .nowStateBy, values]
        case .sentAgain: return words[ProgressText.sentAgain, values]
        case .tooLate: return words[ProgressText.tooLate, values]
        case .archived: return words[ProgressText.archived, values]
        case .retired: return words[ProgressText.retired, values]
        case .forbidden: return words[ProgressText.forbidden, values]
        case .gone: return words[ProgressText.gone, values]
        case .notTried: return words[ProgressText.notTried, values]
        }
    }
}

extension ProgressEntry {
    /// What it is about: `Meet your advisor, Jakub Nowak`.
    var subject: String { "\(title), \(student.name)" }

    /// Which student on which milestone.
    var key: ProgressKey { ProgressKey(milestone: milestoneID, student: student.id) }

    /// By which a form names the step that led here.
    var step: String { "\(milestoneID)-\(student.id)-\(version.number)" }
}

extension ProgressKey {
    /// The id of its row or list item.
    var anchor: String { "progress-\(milestone)-\(student)" }
}
