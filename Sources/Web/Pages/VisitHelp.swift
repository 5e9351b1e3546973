import Casework
import Foundation

extension Visit {
    /// The same visit without what was typed: for a page with several forms, of which another was sent.
    var untyped: Visit {
        var copy = self
        copy.form = .empty
        return copy
    }

    /// Whether a form that comes again holds text in that field.
    func isTyped(_ name: String) -> Bool { !(form[name] ?? "").trimmingSpaces.isEmpty }

    /// The options of a choice whose labels stand in the catalogue as `<prefix><value>`.
    func options(_ values: [String], _ prefix: String) -> [(value: String, label: String)] {
        values.map { ($0, words.text(prefix + $0)) }
    }

    /// The same options for a filter, drawn by the template itself; the first, `<prefix>all`, takes every one.
    func filterOptions(_ values: [String], _ prefix: String, chosen: String?) -> [Model] {
        let all: Model = ["option": "", "says": words.text(prefix + "all")]
        return [all]
            + values.map { value -> Model in
                var entry: Model = ["option": value, "says": words.text(prefix + value)]
                if value == chosen { entry["chosen"] = true }
                return entry
            }
    }
}

extension Date {
    /// `2026-12-01T09:30:00Z`, for `<time datetime>`.
    var machineText: String { formatted(.iso8601) }
}
