import Casework

/// One thing wrong with one named field, as people are told.
struct FieldProblem: Hashable, Sendable, JSONEncodable {
    /// The name as the caller sent it; empty for what concerns the whole.
    let field: String
    /// The refusal's code; nil for a sentence that only a page says.
    let code: Refusal.Code?
    /// What is wrong with it; never the value itself.
    let detail: String

    /// - Parameter code: nil for a sentence that a page alone says.
    init(field: String, code: Refusal.Code? = nil, detail: String) {
        self.field = field
        self.code = code
        self.detail = detail
    }

    /// A refusal, said in a language.
    init(_ refusal: FieldRefusal, in words: Catalogue) {
        self.init(field: refusal.field, code: refusal.refusal.code, detail: words.refusal(refusal.refusal))
    }

    /// Writes `{"field","code","detail"}`.
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("field", field)
            if let code { $0.field("code", code.rawValue) }
            $0.field("detail", detail)
        }
    }
}

extension FieldProblem {
    /// Whether something else can be written there: not where a page says what cannot be done, or what nobody will tell why.
    var isMendable: Bool { !field.isEmpty && code != nil }
}

extension [FieldProblem] {
    /// Whether it was somebody else's change that stood in the way.
    var isOutdated: Bool { contains { $0.code == .changedSince } }
}

extension CaseworkError {
    /// What an operator reads of it, in one line.
    public var english: String {
        if case .invalid(let problems) = self { return problems.map(\.english).joined(separator: "; ") }
        return Problem(self)?.detail ?? String(describing: self)
    }
}

extension FieldRefusal {
    /// `email: must not be empty`.
    public var english: String {
        let said = Catalogue.english.refusal(refusal)
        return field.isEmpty ? said : "\(field): \(said)"
    }

    /// As a line of an import's report has it: `email must not be empty`.
    public var inReport: String { Catalogue.english.refusal(self) }
}
