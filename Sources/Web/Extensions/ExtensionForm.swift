import Casework
import Dates
import Hummingbird
import Tenancy

/// What a form says about a student's extension, and what becomes of it.
struct ExtensionStep {
    let action: ExtensionAction
    private let wish: ExtensionRepository.Wish

    /// - Parameter action: nil where a button of the form says it, which then is a step of staff.
    /// - Throws: `CaseworkError.notFound` for what no button of ours says; `.invalid` where something is missing.
    init(_ visit: Visit, _ action: ExtensionAction? = nil) throws {
        let pressed = visit.form["action"].flatMap(ExtensionAction.init).flatMap { $0.isForStudents ? nil : $0 }
        guard let action = action ?? pressed else { throw CaseworkError.notFound }
        self.action = action
        let names = action.needsDay ? ["dueOn", "comment"] : ["comment"]
        wish = try Fields.read(form: visit.form.fields.filter { names.contains($0.key) }) {
            ExtensionRepository.Wish(action, &$0)
        }
    }

    /// Takes the step.
    func take(_ visit: Visit, on key: ProgressKey) async throws -> ExtensionEntry {
        let work = try visit.call.work()
        _ = try await Permission.extending(milestone: key.milestone, student: key.student, action)
            .check(in: work, changing: true)
        return try await ExtensionRepository(work: work).take(
            action, milestone: key.milestone, student: key.student, wish, ifMatch: visit.seenVersion)
    }

    /// The sentence that says it is done.
    var done: DoneText {
        switch action {
        case .request: .requested
        case .withdraw: .withdraw
        case .grant: .granted
        case .decline: .declined
        case .revoke: .revoked
        }
    }
}

extension Visit {
    /// Takes a step on an extension. What is refused is shown at the fields that `ExtensionFields` has for it.
    func extend(
        _ action: ExtensionAction? = nil, on key: ProgressKey, to address: String,
        again: (Visit) async throws -> Response
    ) async throws -> Response {
        do {
            let step = try ExtensionStep(self, action)
            let entry = try await step.take(self, on: key)
            let subject = call.account == key.student ? entry.title : "\(entry.title), \(entry.student.name)"
            return redirect(address, done: step.done, subject: subject)
        } catch CaseworkError.invalid(let problems) {
            return try await again(with(problems) { ExtensionFields.id($0, key) })
        } catch CaseworkError.conflict(let refusal, _, _, _) {
            return try await again(with([FieldRefusal("", refusal)]))
        } catch CaseworkError.preconditionFailed {
            return try await again(outdated)
        }
    }
}

/// The day and the word of a step on an extension. On a page each milestone of each student has its own.
struct ExtensionFields {
    let visit: Visit
    let key: ProgressKey
    /// What the day is called.
    let day: ExtensionText
    /// What the word is called.
    let word: ExtensionText
    /// The day that the form offers.
    var offered: CalendarDate?
    /// Whether the form was sent and comes again.
    let comesAgain: Bool
    var isPreview = false

    private var words: Catalogue { visit.words }

    /// What a field of the form is called in the page.
    static func id(_ field: String, _ key: ProgressKey) -> String {
        field.isEmpty ? "" : "extension-\(field)-\(key.milestone)-\(key.student)"
    }

    @HTMLBuilder var html: HTML {
        field("dueOn", words[day]) { id, described, isWrong in
            input(
                .id(id), .name("dueOn"), .type("date"),
                .value(comesAgain ? visit.form["dueOn"] ?? "" : offered?.description ?? ""),
                .describedBy(described), .if(isWrong, .invalid), .if(isPreview, .disabled))
        }
        field("comment", words[word]) { id, described, isWrong in
            textarea(
                .id(id), .name("comment"), .rows(2), .maxLength(ProgressAction.commentLength.upperBound),
                .describedBy(described), .if(isWrong, .invalid), .if(isPreview, .disabled),
                text: comesAgain ? visit.form["comment"] ?? "" : "")
        }
    }

    private func field(
        _ name: String, _ text: String, _ control: (_ id: String, _ described: String?, _ isWrong: Bool) -> HTML
    ) -> HTML {
        let id = Self.id(name, key)
        let problem = comesAgain ? visit.typed.problem(of: id) : nil
        return div(.class("field")) {
            label(.for(id)) { text }
            if let problem { fieldError(id, problem) }
            control(id, problem.map { _ in "\(id)-error" }, problem != nil)
        }
    }
}

/// What staff decide about a student's extension: one form.
struct ExtensionForm {
    let visit: Visit
    let key: ProgressKey
    let given: Extension?
    /// What it is about, for who cannot see where it stands.
    let subject: String
    /// Where it is sent to.
    let address: String
    /// Whether it was sent and comes again.
    let comesAgain: Bool

    private var words: Catalogue { visit.words }

    /// Folded behind what it is for, unless it comes again or the student waits for it.
    var html: HTML {
        details(.if(comesAgain || given?.askedFor != nil, .open)) {
            summary {
                words[ExtensionText.laterDate]
                visuallyHidden(": \(subject)")
            }
            form
        }
    }

    var form: HTML {
        visit.postForm(.class("confirm"), to: address) {
            hiddenField("version", String(version.number))
            ExtensionFields(
                visit: visit, key: key, day: .newDate, word: .word, offered: given?.askedFor ?? given?.grantedOn,
                comesAgain: comesAgain
            ).html
            actions {
                stepButton(.grant, .grant)
                if given?.askedFor != nil {
                    stepButton(.decline, .decline)
                } else if given?.grantedOn != nil {
                    stepButton(.revoke, .revoke)
                }
            }
        }
    }

    /// A form that comes again for another reason than a change keeps the version it was typed into.
    private var version: Version {
        let stored = given?.version ?? Version(0)
        return comesAgain && !visit.problems.isOutdated ? visit.seen ?? stored : stored
    }

    private func stepButton(_ action: ExtensionAction, _ text: ExtensionText) -> HTML {
        submitButton(words[text], .plain, of: subject, .name("action"), .value(action.rawValue))
    }
}

/// How a student's extension stands, in words: what is asked, what was granted, and what was said.
struct ExtensionNote {
    let given: Extension
    /// The day without it.
    let regular: CalendarDate?
    /// The day with it.
    let due: CalendarDate?
    let today: CalendarDate
    let words: Catalogue

    /// Nothing where nothing is asked, granted or declined.
    var html: HTML {
        let text = sentences.joined(separator: " ")
        return text.isEmpty ? HTML() : p(.class("small")) { text }
    }

    private var sentences: [String] {
        var said: [String] = []
        if let regular, let due, due > regular {
            said.append(words[ExtensionText.extended, ["date": words.shortDate(regular, today: today)]])
        }
        switch given.status {
        case .asked:
            if let day = given.askedFor {
                said.append(words[ExtensionText.asked, ["date": words.shortDate(day, today: today)]])
            }
        case .declined: said.append(words[ExtensionText.declined])
        case .revoked: said.append(words[ExtensionText.revoked])
        case .granted, .withdrawn: break
        }
        if let comment = given.comment, !said.isEmpty { said.append("“\(comment)”") }
        return said
    }
}
