import Casework
import Hummingbird
import Tenancy

/// What the headings of an institution's files mean, beside what they say by themselves.
enum ColumnAPI {
    private static let fields = Schema.choice(ImportField.allCases.map(\.rawValue))
    private static let columns = Schema.object([
        .field(
            "columns",
            .array(.object([.field("heading", .string(1...200)), .field("field", .nullable(fields))])))
    ])

    static let routes: [Route] = [
        Route(
            .get, "/imports/columns", .signedIn(.admin),
            "Shows what headings of files mean, as admins have said: by heading, in small letters and digits alone. No field: the column is left out.",
            answer: columns
        ) { call in
            call.answer(try await call.read(ColumnRepository.all()))
        },
        Route(
            .put, "/imports/columns", .signedIn(.adminInPerson),
            "Says what headings of files mean, for all files to come; what others meant is forgotten.",
            payload: .json(columns), answer: columns
        ) { call in
            let meanings = try Fields.read(try await call.json()) { try ColumnMeanings(&$0) }
            return call.answer(try await ColumnRepository(work: call.work()).replace(with: meanings))
        },
    ]
}
