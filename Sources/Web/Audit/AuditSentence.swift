import Casework

/// An entry of the audit as a sentence: "Zofia Szabó archived the cohort Winter Sports".
struct AuditSentence {
    let entry: AuditEntry
    let words: Catalogue

    var html: HTML {
        guard let key = AuditText(rawValue: "action-\(action)") else { return HTML("\(entry.action) \(entry.subject)") }
        return words.html(key, ["who": who, "thing": thing, "other": bdi { entry.otherName ?? "?" }])
    }

    /// What was done; archiving is a change with a word of its own.
    private var action: String {
        guard let change = AuditChange.all(of: entry).first(where: { $0.field == "archived" }), change.before != nil
        else { return entry.action }
        return switch (entry.action, change.after) {
        case ("cohort.update", "true"): "cohort.archive"
        case ("cohort.update", "false"): "cohort.restore"
        case ("milestone.update", "true"): "milestone.archive"
        case ("milestone.update", "false"): "milestone.restore"
        case ("group.update", "true"): "group.archive"
        case ("group.update", "false"): "group.restore"
        default: entry.action
        }
    }

    private var who: HTML {
        guard let id = entry.actorID else { return HTML(words[AuditText.nobody]) }
        return a(.href("/audit?actorId=\(id)")) { bdi { entry.actorName ?? "#\(id)" } }
    }

    private var thing: HTML {
        let name = bdi { entry.subjectName ?? entry.subject }
        guard let address else { return name }
        return a(.href(address)) { name }
    }

    /// Where the thing has a page of its own; its other entries where it has none.
    private var address: String? {
        let parts = entry.subject.split(separator: "/", omittingEmptySubsequences: false)
        guard let kind = parts.first, let id = parts.dropFirst().first.flatMap({ Int($0) }) else { return nil }
        return switch kind {
        case "cohort": "/cohorts/\(id)"
        case "category": "/categories/\(id)"
        case "group": "/groups/\(id)"
        case "department": "/departments/\(id)"
        case "account": "/accounts/\(id)"
        case "student": "/students/\(id)"
        case "progress", "extension": parts.last.flatMap { Int($0) }.map { "/students/\($0)" }
        default: "/audit?subject=\(entry.subject.percentEncoded)"
        }
    }
}

/// One field of what an entry is about, before and after.
struct AuditChange: Equatable {
    let field: String
    /// Empty where there was nothing; nil where the whole thing was not there.
    let before: String?
    let after: String?

    /// The fields that differ, in the order of the later state.
    static func all(of entry: AuditEntry) -> [AuditChange] {
        let before = entry.before.map(fields)
        let after = entry.after.map(fields)
        let names =
            (after ?? []).map(\.name)
            + (before ?? []).map(\.name).filter { name in
                !(after ?? []).contains { $0.name == name }
            }
        return names.compactMap { name in
            let old = before.map { fields in fields.first { $0.name == name }?.text ?? "" }
            let new = after.map { fields in fields.first { $0.name == name }?.text ?? "" }
            return old == new ? nil : AuditChange(field: name, before: old, after: new)
        }
    }

    private static func fields(of json: RawJSON) -> [(name: String, text: String)] {
        guard let value = try? JSONValue(parsing: Array(json.jsonText.utf8)), case .object(let object) = value else {
            return []
        }
        return object.map { ($0.name, text(of: $0.value)) }
    }

    private static func text(of value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        default: JSONWriter.text(of: value)
        }
    }
}

extension Catalogue {
    /// What a field held, in this language: words of ours are translated, what people typed stays as it is.
    private func word(_ value: String, of field: String) -> String? {
        switch (field, value) {
        case (_, ""): self[AuditText.nothing]
        case (_, "true"): self[ShellText.yes]
        case (_, "false"): self[ShellText.no]
        case ("role", _): Role(rawValue: value).map { self[$0.text] }
        case ("status", _):
            AccountStatus(rawValue: value).map { self[$0.text] }
                ?? ProgressStatus(rawValue: value).map { self[$0.text] }
        case ("studentVisibility", _):
            StudentVisibility(rawValue: value).map { self[$0 == .enabled ? SettingsText.enabled : .disabled] }
        case ("completion", _): self[value == "student" ? CohortText.completionStudent : .completionStaff]
        default: nil
        }
    }

    /// The same, and what has no word of ours as it is.
    func audited(_ value: String, of field: String) -> String { word(value, of: field) ?? value }
}
