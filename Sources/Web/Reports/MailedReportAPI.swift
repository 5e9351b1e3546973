import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// `/report-mails`: reports that go out by mail each week.
enum MailedReportAPI {
    private static let recipients = Schema.array(.id)
    private static let when: [Schema.Property] = [
        .field("weekday", .integer(1...7)), .field("hour", .integer(0...23)), .field("recipients", recipients),
    ]
    private static func about(_ field: (String, Schema) -> Schema.Property) -> [Schema.Property] {
        [
            field("categoryId", .nullable(.id)), field("cohortId", .nullable(.id)), field("groupId", .nullable(.id)),
            field("from", .nullable(.date)), field("to", .nullable(.date)),
        ]
    }
    private static let name = Schema.choice(Report.bundled.map(\.name))
    private static let schema = Schema.versioned(
        [.field("id", .id), .field("report", name)] + about { .field($0, $1) } + when + [.field("nextAt", .instant)])
    private static let draft = Schema.object([.field("report", name)] + about { .optional($0, $1) } + when)

    static let routes: [Route] = [
        Route(
            .get, "/report-mails", .signedIn(.adminInPerson), "Lists the reports that go out by mail each week",
            answer: .page(schema)
        ) { call in
            call.answer(Page(items: try await call.read(MailedReportRepository.list())))
        },
        Route(
            .post, "/report-mails", .signedIn(.adminInPerson),
            """
            Has a report mailed to admins each week, at an hour of a day (1 is Monday) in the institution's zone, about what a link \
            to it would be about
            """,
            payload: .json(draft), status: .created, answer: schema
        ) { call in
            let draft = try Fields.read(try await call.json()) { MailedReportDraft(&$0) }
            return call.answer(
                try await MailedReportRepository(work: try call.work()).create(draft), status: .created)
        },
        Route(
            .patch, "/report-mails/{id}", .signedIn(.adminInPerson), "Changes when a report is mailed, and to whom",
            payload: .json(Schema.object(when).patch), answer: schema, permission: { .mailedReport(try $0.id("id")) }
        ) { call in
            let patch = try Fields.read(try await call.json()) { MailedReportPatch(&$0) }
            return call.answer(
                try await MailedReportRepository(work: try call.work()).update(
                    call.id("id"), patch, ifMatch: call.ifMatch))
        },
        Route(
            .delete, "/report-mails/{id}", .signedIn(.adminInPerson), "Mails a report no more", status: .noContent,
            permission: { .mailedReport(try $0.id("id")) }
        ) { call in
            try await MailedReportRepository(work: try call.work()).remove(call.id("id"), ifMatch: call.ifMatch)
            return call.nothing
        },
    ]
}
