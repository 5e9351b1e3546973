import Casework
import Hummingbird

/// One labelled control of a form, as the template `parts/field` draws it: label, hint, value, error in words.
struct Input {
    /// How it is drawn.
    enum Kind {
        case line(type: String)
        case text
        case choice([(value: String, label: String)])
        case check
        case file(accept: String)
    }

    let name: String
    let label: String
    var hint: String?
    var kind = Kind.line(type: "text")
    var value: String?
    var isRequired = false
    var autocomplete: String?
    /// Most characters; shown to the browser, judged by the server.
    var limit: Int?
}

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
        case .file(let accept): model["asFile"] = ["accept": accept]
        }
        return model
    }

    /// Several controls, in order.
    func inputs(_ inputs: [Input]) -> [Model] { inputs.map(input) }

    /// Runs a change; where its form was wrong, `again` shows it with the problems.
    func attempt(
        _ change: () async throws -> Response, again: (Visit) async throws -> Response
    ) async throws -> Response {
        do {
            return try await change()
        } catch CaseworkError.invalid(let problems) {
            return try await again(with(problems))
        } catch CaseworkError.conflict(let refusal, let field, let blockedBy, _) {
            let text = [words.refusal(refusal)] + blockedBy.map(words.blocker)
            return try await again(
                with([FieldProblem(field: field ?? "", code: refusal.code, detail: text.joined(separator: " "))]))
        }
    }
}
