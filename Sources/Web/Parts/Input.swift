import Casework
import Dates

/// One labelled control of a form: label, hint, value, error in words.
struct Input {
    /// How it is drawn.
    enum Kind {
        case line(type: String)
        case text
        case choice([(value: String, label: String)])
        case check
        /// One, or `many` at once, of these types, or of any.
        case file(accept: String?, many: Bool = false)
    }

    let name: String
    let label: String
    var hint: String?
    var kind = Kind.line(type: "text")
    var value: String?
    var isRequired = false
    /// Most characters; shown to the browser, judged by the server.
    var limit: Int?

    /// Whether people should be told that nothing has to be there. A choice always shows what it stands for.
    var mayBeEmpty: Bool {
        if case .choice = kind { false } else { !isRequired }
    }
}

/// What a form's fields hold when it comes again: what was typed, and what was wrong with it.
struct Typed {
    /// Empty where nothing was sent.
    var values: [String: [String]] = [:]
    var problems: [FieldProblem] = []

    /// What a field shows: the typed value before the stored one.
    func value(of name: String, stored: String? = nil) -> String {
        (values.isEmpty ? stored : values[name]?.first) ?? ""
    }

    /// What was wrong with a field, all of it; nil where nothing was.
    func problem(of name: String) -> String? {
        let details = problems.filter { $0.field == name }.map(\.detail)
        return details.isEmpty ? nil : details.joined(separator: " ")
    }

    /// Whether the field of a form that showed an older version holds something else than is stored now.
    func isOutdated(_ input: Input) -> Bool {
        guard problems.isOutdated, !values.isEmpty else { return false }
        let typed = values[input.name]?.first ?? ""
        if case .check = input.kind { return (typed == "true") != (input.value == "true") }
        return typed.replacing("\r\n", with: "\n").trimmingSpaces != (input.value ?? "").trimmingSpaces
    }
}

/// A control with its label, hint and problem.
func field(_ input: Input, _ typed: Typed, _ words: Catalogue) -> HTML {
    let problem = typed.problem(of: input.name)
    let isOutdated = typed.isOutdated(input)
    let described = [
        input.hint.map { _ in "\(input.name)-hint" }, isOutdated ? "\(input.name)-stored" : nil,
        problem.map { _ in "\(input.name)-error" },
    ].compactMap(\.self).joined(separator: " ")
    let control = Control(
        input: input, value: typed.value(of: input.name, stored: input.value),
        describedBy: described.isEmpty ? nil : described, isWrong: problem != nil)
    return div(.class("field")) {
        if case .check = input.kind {
            control.html
        } else {
            label(.for(input.name)) {
                input.label
                if input.mayBeEmpty {
                    " "
                    small { "(\(words[ShellText.optional]))" }
                }
            }
        }
        if let hint = input.hint { span(.class("hint"), .id("\(input.name)-hint")) { hint } }
        if case .check = input.kind {} else { control.html }
        if isOutdated { storedNote(input.name, input.stored(words), words) }
        if let problem { fieldError(input.name, problem) }
    }
}

/// What is stored now of a field that holds something else; the field is described by it.
func storedNote(_ name: String, _ stored: String, _ words: Catalogue) -> HTML {
    span(.class("field-stored"), .id("\(name)-stored")) {
        b { words[ShellText.stored] }
        " "
        if stored.isEmpty { words[ShellText.storedNothing] } else { bdi { stored } }
    }
}

extension Input {
    /// What is stored, as people read it; empty where nothing is.
    fileprivate func stored(_ words: Catalogue) -> String {
        let value = value ?? ""
        switch kind {
        case .line(type: "date"): return CalendarDate(value).map(words.date) ?? value
        case .choice(let options): return options.first { $0.value == value }?.label ?? value
        case .check: return words[value == "true" ? ShellText.yes : .no]
        case .line, .text, .file: return value
        }
    }
}

/// What is wrong with a field; the field is described by it.
func fieldError(_ name: String, _ text: String) -> HTML {
    span(.class("field-error"), .id("\(name)-error")) { text }
}

/// The part of a field in which something is typed or chosen.
private struct Control {
    let input: Input
    let value: String
    let describedBy: String?
    let isWrong: Bool

    var html: HTML {
        switch input.kind {
        case .line(let type):
            Web.input(
                .id(input.name), .name(input.name), .type(type), .value(value), .maxLength(input.limit), required,
                .describedBy(describedBy), invalid)
        case .text:
            textarea(
                .id(input.name), .name(input.name), .rows(4), .maxLength(input.limit), required,
                .describedBy(describedBy), invalid, text: value)
        case .choice(let options):
            select(.id(input.name), .name(input.name), required, .describedBy(describedBy), invalid) {
                for choice in options {
                    option(.value(choice.value), .if(choice.value == value, .selected)) { choice.label }
                }
            }
        case .check:
            checkbox(
                input.name, "true", id: input.name, input.label, isChecked: value == "true" || value == "on",
                describedBy: describedBy)
        case .file(let types, let many):
            Web.input(
                .id(input.name), .name(input.name), .type("file"), .accept(types), .if(many, .multiple), required,
                .describedBy(describedBy), invalid)
        }
    }

    private var required: Attribute { .if(input.isRequired, .required) }
    private var invalid: Attribute { .if(isWrong, .invalid) }
}
