import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// `/students/{id}`.
enum StudentAPI {
    static let routes: [Route] = [
        Route(
            .get, "/students/{id}", .signedIn(.casework), "Shows all about one student; that it was read is audited",
            answer: schema, problems: [404]
        ) { call in
            call.answer(try await call.read(StudentRepository.read(try call.id("id"))))
        }
    ]

    private static let account = Schema.object([
        .field("id", .id), .field("email"), .field("givenName"), .field("familyName"),
        .field("preferredName", .nullable(.string())),
        .field("role", .choice(["student"])),
        .field("status", .choice(["active", "suspended", "archived"])), .field("studentNumber", .nullable(.string())),
    ])

    private static let milestone = Schema.object([
        .field("id", .id), .field("cohortId", .id), .field("title"), .field("dueOn", .nullable(.date)),
        .field("status", ProgressAPI.status), .field("overdue", .boolean),
        .field("completion", MilestoneAPI.completion), .field("comment", .nullable(.string())),
        .field("updatedAt", .nullable(.instant)), .field("version", .integer(0...Int(Int32.max))),
    ])

    private static let schema = Schema.object([
        .field("account", account),
        .field("cohorts", .array(.object([.field("id", .id), .field("name"), .field("category")]))),
        .field("milestones", .array(milestone)), .field("archivedMilestones", .array(milestone)),
        .field("network", DashboardAPI.network),
        .field("why", .array(.object([.field("cohortId", .id), .field("groupId", .id)]))),
    ])
}
