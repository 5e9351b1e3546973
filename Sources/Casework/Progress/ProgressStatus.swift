import Postgres

/// Where a student stands on a milestone. Overdue is no state: it is computed.
public enum ProgressStatus: String, Sendable, CaseIterable, JSONEncodable, PostgresEncodable, PostgresDecodable {
    /// Nothing has happened yet, or it was reopened.
    case open
    /// The student asks for completion.
    case submitted
    /// Staff asks for more.
    case returned
    /// Done.
    case completed
    /// Not asked of this student.
    case waived
}

/// A step from one state to another.
public enum ProgressAction: String, Sendable, CaseIterable {
    /// The student asks for completion.
    case submit
    /// The student takes that back.
    case withdraw
    /// Staff says it is done, or the student where the milestone allows it.
    case complete
    /// Staff asks for more, and says what.
    case `return`
    /// Staff takes back a completion or a waiver, and says why.
    case reopen
    /// Staff lets the student off, and says why.
    case waive

    /// Where the step leads.
    public var target: ProgressStatus {
        switch self {
        case .submit: .submitted
        case .withdraw, .reopen: .open
        case .complete: .completed
        case .return: .returned
        case .waive: .waived
        }
    }

    /// Where it may be taken from. A student completes nothing that was submitted: that is for staff to answer, or to be
    /// withdrawn first.
    public func sources(asStudent: Bool) -> [ProgressStatus] {
        switch self {
        case .submit: [.open, .returned]
        case .withdraw, .return: [.submitted]
        case .complete: asStudent ? [.open, .returned] : [.open, .submitted, .returned]
        case .reopen: [.completed, .waived]
        case .waive: [.open, .submitted, .returned]
        }
    }

    /// Whether students may take the step, on their own milestones.
    public var isForStudents: Bool { self == .submit || self == .withdraw || self == .complete }

    /// Whether staff may take it.
    public var isForStaff: Bool { self != .submit && self != .withdraw }

    /// How long what is said with a step may be, in code points.
    public static let commentLength = 1...10_000

    /// Whether it needs a word to the student.
    public var needsComment: Bool { self == .return || self == .reopen || self == .waive }
}

extension ProgressStatus {
    /// The status as a word of a sentence.
    var term: Refusal.Term {
        switch self {
        case .open: .open
        case .submitted: .submitted
        case .returned: .returned
        case .completed: .completed
        case .waived: .waived
        }
    }
}

extension ProgressAction {
    /// The step needs a comment, and there is none.
    var commentMissing: CaseworkError {
        let term: Refusal.Term =
            switch self {
            case .submit: .submit
            case .withdraw: .withdraw
            case .complete: .complete
            case .return: .return
            case .reopen: .reopen
            case .waive: .waive
            }
        return .invalid("comment", Refusal(.commentRequired, ["action": .term(term)]))
    }
}
