import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// `/cohorts/{id}/progress` and the steps of one student on one milestone.
enum ProgressAPI {
    static let routes: [Route] = [
        Route(
            .get, "/cohorts/{id}/progress", .signedIn(.casework), "Lists how far a cohort's students are",
            query: [
                .init("status", status), .init("overdue", .boolean), .init("milestoneId", .id), .init("studentId", .id),
                .init("dueWithin", .integer(0...365)),
            ] + Route.Parameter.paging,
            answer: .page(schema), problems: [404]
        ) { call in
            let (filter, page) = try call.query { (ProgressFilter(&$0), $0.page()) }
            let list = try await call.read(ProgressRepository.list(in: try call.id("id"), filter, page))
            return call.answer(list)
        },
        Route(
            .get, "/milestones/{id}/progress/{studentId}", .signedIn(.progress),
            "Shows how far one student is on a milestone, and each step so far", answer: history, problems: [404]
        ) { call in
            let (progress, events, files) = try await call.read(
                ProgressRepository.history(of: try call.id("id"), student: try call.id("studentId")))
            return call.answer(ProgressHistory(progress: progress, events: events, files: files))
        },
        Route(
            .post, "/milestones/{id}/progress/{studentId}/{action}", .signedIn(.progress),
            """
            Submits, withdraws, completes, returns, reopens or waives; or undo, which takes back the caller's own last step. \
            A submission may be a form, with files that come and ids of earlier ones that go
            """,
            payload: .jsonOrForm(step, form: SubmissionAPI.form), answer: schema,
            permission: { call in
                let (milestone, student) = (try call.id("id"), try call.id("studentId"))
                return try call.action.map { .progress(milestone: milestone, student: student, $0) }
                    ?? .undo(milestone: milestone, student: student)
            },
            problems: [404, 412]
        ) { call in
            if try call.action == .submit, try call.mediaType()?.name == "multipart/form-data" {
                return call.answer(try await SubmissionAPI.submit(call))
            }
            let comment = try Fields.read(try await call.json()) {
                $0.optional("comment", .text(ProgressAction.commentLength, multiline: true))
            }
            let (milestone, student) = (try call.id("id"), try call.id("studentId"))
            let progress = ProgressRepository(work: try call.work())
            guard let action = try call.action else {
                return call.answer(
                    try await progress.undo(milestone: milestone, student: student, ifMatch: call.ifMatch))
            }
            return call.answer(
                try await progress.take(
                    action, milestone: milestone, student: student, comment: comment, ifMatch: call.ifMatch))
        },
    ]

    static let status = Schema.choice(ProgressStatus.allCases.map(\.rawValue))

    private static let members: [Schema.Property] = [
        .field("student", .object([.field("id", .id), .field("name"), .field("email")])), .field("milestoneId", .id),
        .field("status", status), .field("overdue", .boolean), .field("updatedAt", .nullable(.instant)),
        .field("comment", .nullable(.string())), .field("version", .integer(0...Int(Int32.max))),
    ]
    private static let schema = Schema.versioned(members)
    private static let step = Schema.object([
        .optional("comment", .nullable(.string(0...ProgressAction.commentLength.upperBound)))
    ])
    private static let history = Schema.versioned([
        .field("progress", schema),
        .field(
            "events",
            .array(
                .object([
                    .field("id", .id), .field("at", .instant),
                    .field("actor", .object([.field("id", .nullable(.id)), .field("name", .nullable(.string()))])),
                    .field("from", status), .field("to", status), .field("comment", .nullable(.string())),
                    .field("undo", .boolean),
                ]))),
        .field("files", .array(SubmissionAPI.file)),
    ])
}

/// The answer about one student and one milestone.
private struct ProgressHistory: JSONEncodable, Versioned {
    let progress: ProgressEntry
    let events: [ProgressEvent]
    let files: [SubmittedFile]

    var version: Version { progress.version }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("progress", progress)
            $0.field("events", events)
            $0.field("files", files)
        }
    }
}

extension Call {
    /// The step named in the path; nil for `undo`.
    fileprivate var action: ProgressAction? {
        get throws {
            let word = try word("action")
            if word == "undo" { return nil }
            guard let action = ProgressAction(rawValue: word) else { throw CaseworkError.notFound }
            return action
        }
    }
}
