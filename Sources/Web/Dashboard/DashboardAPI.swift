import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// `/dashboard`.
enum DashboardAPI {
    static let routes: [Route] = [
        Route(
            .get, "/dashboard", .signedIn(.student), "Shows a student what is due and who can help", answer: schema,
            problems: [404]
        ) { call in
            call.answer(try await DashboardRepository.read(in: call.work(), kept: call.site.keptContent))
        }
    ]

    static let network = Schema.array(
        .object([
            .field("group"),
            .field(
                "members",
                .array(
                    .object([
                        .field("name"), .field("card", .nullable(CardAPI.shape)), .optional("contact", .boolean),
                    ]))),
        ]))

    private static let schema = Schema.object([
        .field("cohorts", .array(.object([.field("id", .id), .field("name"), .field("category")]))),
        .field(
            "milestones",
            .array(
                .object([
                    .field("id", .id), .field("cohortId", .id), .field("title"), .field("dueOn", .nullable(.date)),
                    .field("description", .nullable(.string())), .field("status", ProgressAPI.status),
                    .field("overdue", .boolean), .field("completion", MilestoneAPI.completion),
                    .field("comment", .nullable(.string())), .field("version", .integer(0...Int(Int32.max))),
                    .field("files", .array(.object(FileAPI.shape))),
                ]))),
        .field("supportNetwork", network),
        .field("progress", .object([.field("completed", .integer()), .field("total", .integer())])),
    ])
}
