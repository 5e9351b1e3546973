import Casework
import Hummingbird

extension Visit {
    /// Runs a change. `again` shows its form once more where something in it was wrong, and where what it is about has
    /// changed since it was shown.
    func attempt(
        _ change: () async throws -> Response, again: (Visit) async throws -> Response
    ) async throws -> Response {
        do {
            return try await change()
        } catch CaseworkError.invalid(let problems) {
            return try await again(with(problems))
        } catch CaseworkError.conflict(let refusal, let field, let blockedBy, _) {
            let detail = words.conflict(refusal, at: field ?? "", blockedBy)
            return try await again(with([FieldProblem(field: field ?? "", code: refusal.code, detail: detail)]))
        } catch CaseworkError.preconditionFailed {
            return try await again(outdated)
        }
    }

    /// The same visit with a form that showed an older version than is stored now.
    var outdated: Visit { with([FieldRefusal("", .changedSince)]) }
}
