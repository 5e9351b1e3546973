import Casework
import Hummingbird

extension Visit {
    /// The control as a template reads it: what was typed before what is stored, and the problem it had.
    func input(_ input: Input) -> Model {
        let problem = problems.first { $0.field == input.name }
        let value = form.fields.isEmpty ? input.value : form[input.name]
        var described: [String] = []
        var model: Model = ["id": input.name, "name": input.name, "label": input.label, "value": value ?? ""]
        if let hint = input.hint {
            model["hint"] = hint
            described.append("\(input.name)-hint")
        }
        if let problem {
            model["error"] = problem.detail
            described.append("\(input.name)-error")
        }
        if !described.isEmpty { model["described"] = described.joined(separator: " ") }
        if input.isRequired { model["required"] = true }
        if let limit = input.limit { model["limit"] = String(limit) }
        if let autocomplete = input.autocomplete { model["autocomplete"] = autocomplete }
        switch input.kind {
        case .line(let type): model["asLine"] = ["type": type]
        case .text: model["asText"] = true
        case .choice(let options):
            model["asChoice"] = [
                "options": options.map { option -> Model in
                    var entry: Model = ["value": option.value, "label": option.label]
                    if option.value == value ?? "" { entry["selected"] = true }
                    return entry
                }
            ]
        case .check:
            model["asCheck"] = true
            if value == "true" || value == "on" { model["checked"] = true }
        case .file(let accept): model["asFile"] = ["accept": accept ?? ""]
        }
        return model
    }

    /// Several controls, in order.
    func inputs(_ inputs: [Input]) -> [Model] { inputs.map(input) }
}

/// Somebody who can help, as `parts/person` draws it: one contact action, the best there is.
struct PersonModel {
    let words: Catalogue

    func model(name: String, card: Card?) -> Visit.Model {
        var model: Visit.Model = ["name": name, "initials": name.initials]
        guard let card else { return model }
        let facts = [card.title, card.office, card.location, card.hours].compactMap { $0 }
        if !facts.isEmpty { model["facts"] = facts.joined(separator: " · ") }
        if let biography = card.biography { model["biography"] = biography }
        if let booking = card.bookingURL, booking.hasPrefix("https://") {
            model["contact"] =
                ["href": booking, "outside": true, "label": words.text("people.book"), "person": name] as Visit.Model
        } else if let phone = card.phone {
            let number = phone.filter { $0.isNumber || $0 == "+" }
            if !number.isEmpty {
                model["contact"] =
                    ["href": "tel:\(number)", "label": words.text("people.call"), "person": name] as Visit.Model
            }
        }
        return model
    }
}
