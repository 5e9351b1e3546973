import Casework
import Hummingbird

extension Visit {
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
