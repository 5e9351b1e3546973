import Casework
import HTTPTypes
import Tenancy

/// `/setup`.
enum SetupAPI {
    private static let setup = Schema.object([
        .field(
            "items",
            .array(
                .object([
                    .field("key", .choice(SetupStep.allCases.map(\.rawValue))), .field("title"),
                    .field("done", .boolean),
                    .field("count", .integer()),
                ]))), .field("ready", .boolean),
        .field("studentVisibility", .choice(StudentVisibility.allCases.map(\.rawValue))),
    ])

    static let routes: [Route] = [
        Route(.get, "/setup", .signedIn(.staff), "Shows how far the institution is set up.", answer: setup) { call in
            call.answer(try await call.read(SetupRepository.find()))
        }
    ]
}
