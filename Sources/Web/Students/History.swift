import Casework
import Foundation

/// What happened on milestones and to their dates, newest first.
struct History {
    let viewer: Viewer
    let words: Catalogue

    /// - Parameters:
    ///   - steps: with the milestone's title.
    ///   - later: the steps on extensions.
    ///   - namesMilestones: whether it is of several.
    ///   - files: what the student has sent, shown where it is of one.
    func html(
        _ steps: [(String, ProgressEvent)], _ later: [ExtensionEvent], namesMilestones: Bool,
        files: [SubmittedFile] = []
    ) -> HTML {
        let zone = viewer.timeZone
        let done = steps.map { title, event in
            let step = HistoryStep(event: event, zone: zone, words: words)
            return (
                event.at, namesMilestones ? step.html(of: title) : step.html(files.filter { $0.stepID == event.id })
            )
        }
        let moved = later.map { event in
            let step = ExtensionHistoryStep(event: event, zone: zone, words: words)
            return (event.at, namesMilestones ? step.html(of: event.title) : step.html)
        }
        return ol(.class("timeline")) { for (_, step) in (done + moved).sorted(by: { $0.0 > $1.0 }) { step } }
    }
}

/// One step of a history: who changed which state to which.
struct HistoryStep {
    let event: ProgressEvent
    let zone: String
    let words: Catalogue

    private var step: String {
        let step = event.isUndo ? StudentText.undone : .step
        return words[step, ["from": words[event.from.text], "to": words[event.to.text]]]
    }

    private var who: String { event.actorName ?? words[StudentText.somebody] }
    private var tone: Tag.Tone { event.to.tone(isOverdue: false) }

    /// In the history of one milestone.
    /// - Parameter files: what the student has sent with the step and not taken away since.
    func html(_ files: [SubmittedFile]) -> HTML {
        row {
            b { step }
            moment("\(who) · ")
            if let comment = event.comment { p(.class("prose")) { comment } }
            submittedFiles(files, words)
        }
    }

    /// In the history of all, where the milestone is named.
    func html(of milestone: String) -> HTML {
        row {
            b { milestone }
            moment("\(step) · \(who) · ")
            if let comment = event.comment { p(.class("prose small")) { "“\(comment)”" } }
        }
    }

    private func row(@HTMLBuilder content: Content) -> HTML {
        li(.if(tone != .plain, .class(tone.rawValue)), content: content)
    }

    private func moment(_ before: String) -> HTML {
        span(.class("fact")) {
            before
            time(.dateTime(event.at.machineText)) { words.instant(event.at, zone: zone) }
        }
    }
}

/// One step on an extension: who asked for or granted which day.
struct ExtensionHistoryStep {
    let event: ExtensionEvent
    let zone: String
    let words: Catalogue

    private var step: String {
        words[event.status.step, event.dueOn.map { ["date": words.date($0)] } ?? [:]]
    }
    private var who: String { event.actorName ?? words[StudentText.somebody] }

    /// In the history of one milestone.
    var html: HTML {
        li(.class(event.status.tone)) {
            b { step }
            moment("\(who) · ")
            if let comment = event.comment { p(.class("prose")) { comment } }
        }
    }

    /// In the history of all, where the milestone is named.
    func html(of milestone: String) -> HTML {
        li(.class(event.status.tone)) {
            b { milestone }
            moment("\(step) · \(who) · ")
            if let comment = event.comment { p(.class("prose small")) { "“\(comment)”" } }
        }
    }

    private func moment(_ before: String) -> HTML {
        span(.class("fact")) {
            before
            time(.dateTime(event.at.machineText)) { words.instant(event.at, zone: zone) }
        }
    }
}

extension ExtensionStatus {
    fileprivate var step: ExtensionText {
        switch self {
        case .asked: .stepAsked
        case .withdrawn: .stepWithdrawn
        case .granted: .stepGranted
        case .declined: .stepDeclined
        case .revoked: .stepRevoked
        }
    }

    fileprivate var tone: String {
        switch self {
        case .asked: "info"
        case .granted: "ok"
        case .declined, .revoked: "warn"
        case .withdrawn: "plain"
        }
    }
}
