import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// `/extensions`, and the later date of one student on one milestone.
enum ExtensionAPI {
    static let routes: [Route] = [
        Route(
            .get, "/extensions", .signedIn(.casework),
            "Lists the requests for a later date that the caller may answer, the oldest first",
            query: Route.Parameter.paging, answer: .page(request)
        ) { call in
            let page = try call.query { $0.page() }
            return call.answer(try await call.read(ExtensionRepository.waiting(page)))
        },
        Route(
            .get, "/milestones/{id}/extensions/{studentId}", .signedIn(.progress),
            "Shows one student's extension on a milestone, and each step so far", answer: history, problems: [404]
        ) { call in
            let (entry, events) = try await call.read(
                ExtensionRepository.history(of: try call.id("id"), student: try call.id("studentId")))
            return call.answer(ExtensionHistory(entry: entry, events: events))
        },
        Route(
            .post, "/milestones/{id}/extensions/{studentId}/{action}", .signedIn(.progress),
            """
            Requests a later date or withdraws that (the student); grants the one asked for or another, also unasked, declines, \
            or revokes what was granted (who may answer the student's progress)
            """,
            payload: .optionalJSON(step), answer: entry,
            permission: { call in
                .extending(
                    milestone: try call.id("id"), student: try call.id("studentId"), try call.extensionAction)
            },
            problems: [404, 412]
        ) { call in
            let action = try call.extensionAction
            let wish = try Fields.read(try await call.json()) { ExtensionRepository.Wish(action, &$0) }
            return call.answer(
                try await ExtensionRepository(work: try call.work()).take(
                    action, milestone: try call.id("id"), student: try call.id("studentId"), wish,
                    ifMatch: call.ifMatch))
        },
    ]

    private static let version = Schema.integer(0...Int(Int32.max))
    private static let status = Schema.choice(ExtensionStatus.allCases.map(\.rawValue))
    private static let step = Schema.object([
        .optional("dueOn", .date),
        .optional("comment", .nullable(.string(0...ProgressAction.commentLength.upperBound))),
    ])
    /// As the dashboard shows it too.
    static let given = Schema.object([
        .field("status", status), .field("grantedOn", .nullable(.date)), .field("askedFor", .nullable(.date)),
        .field("comment", .nullable(.string())), .field("version", version),
    ])
    private static let entry = Schema.versioned([
        .field("student", .object([.field("id", .id), .field("name"), .field("email")])), .field("milestoneId", .id),
        .field("title"), .field("regularDueOn", .nullable(.date)), .field("dueOn", .nullable(.date)),
        .field("extension", .nullable(given)), .field("version", version),
    ])
    private static let history = Schema.versioned([
        .field("extension", entry),
        .field(
            "events",
            .array(
                .object([
                    .field("id", .id), .field("at", .instant),
                    .field("actor", .object([.field("id", .nullable(.id)), .field("name", .nullable(.string()))])),
                    .field("status", status), .field("dueOn", .nullable(.date)),
                    .field("comment", .nullable(.string())),
                ]))),
    ])
    private static let request = Schema.object([
        .field("milestoneId", .id), .field("title"), .field("cohort"),
        .field("student", .object([.field("id", .id), .field("name")])), .field("regularDueOn", .nullable(.date)),
        .field("grantedOn", .nullable(.date)), .field("askedFor", .date), .field("reason", .nullable(.string())),
        .field("askedAt", .instant), .field("version", version),
    ])
}

/// The answer about one student's extension.
private struct ExtensionHistory: JSONEncodable, Versioned {
    let entry: ExtensionEntry
    let events: [ExtensionEvent]

    var version: Version { entry.version }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("extension", entry)
            $0.field("events", events)
        }
    }
}

extension Call {
    /// The step named in the path.
    fileprivate var extensionAction: ExtensionAction {
        get throws {
            guard let action = ExtensionAction(rawValue: try word("action")) else { throw CaseworkError.notFound }
            return action
        }
    }
}
