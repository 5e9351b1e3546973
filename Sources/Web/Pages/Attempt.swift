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
        } catch CaseworkError.conflict(let detail, let blockedBy, _) {
            // `email: another account has this address already.`
            let halves = detail.split(separator: ": ", maxSplits: 1).map(String.init)
            let named = halves.count == 2 && halves[0].allSatisfy(\.isLetter)
            let text = [words.sentence(named ? halves[1] : detail)] + blockedBy.map(words.blocker)
            return try await again(
                with([FieldProblem(field: named ? halves[0] : "", detail: text.joined(separator: " "))]))
        }
    }
}
