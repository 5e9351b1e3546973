import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// `/students`, and the views of that list that somebody has saved.
enum StudentAPI {
    static let routes: [Route] = [
        Route(
            .get, "/students", .signedIn(.casework), "Lists the students in scope, and how they stand",
            query: [
                .init("q", .string(), "In name, e-mail address or student number"),
                .init("cohortId", .id, "Of this cohort; the numbers are counted within it"),
                .init("categoryId", .id, "Of this category's cohorts; the numbers are counted within them"),
                .init("groupId", .id, "Of the cohorts this group supports; the numbers are counted within them"),
                .init("enrolled", .boolean, "In a cohort, or in none"),
                .init("overdue", .boolean, "With something overdue, or without"),
                .init("dueSoon", .boolean, "With something due within \(ProgressFilter.soon) days, or without"),
                .init("waiting", .boolean, "With a request that waits, or without"),
                .init("signedIn", .boolean, "Who have ever signed in, or never"),
                .init("mine", .boolean, "Whose personal contact the caller is, or not"),
                .init("sort", .choice(StudentOrder.texts), "By this, ties by name; with a minus the greatest first"),
            ] + Route.Parameter.paging,
            answer: .page(standing)
        ) { call in
            let (filter, page) = try call.query { (StudentFilter(&$0), $0.page()) }
            return call.answer(try await call.read(StudentRepository.list(filter, page)).page)
        },
        Route(
            .get, "/views", .signedIn(.casework), "Lists the caller's saved views of the students",
            answer: .object([.field("items", .array(view)), .field("next", .nullable(.string()))])
        ) { call in
            call.answer(Page(items: try await call.read(SavedViewRepository.list)))
        },
        Route(
            .post, "/views", .signedIn(.casework),
            "Keeps a view of the students: the parameters of `GET /students` under a name; one of that name is replaced",
            payload: .json(.object([.field("name", .string(1...100)), .optional("query", .string(0...2000))])),
            status: .created, answer: view
        ) { call in
            let (name, query) = try Fields.read(try await call.json()) {
                (
                    $0.required("name", .text(1...100)),
                    $0.value("query", .text(0...2000), default: "")
                )
            }
            let filter: StudentFilter
            do {
                filter = try StudentFilter(query: query)
            } catch CaseworkError.invalid(let problems) {
                throw CaseworkError.invalid(problems.map { FieldRefusal("query", $0.refusal) })
            }
            return call.answer(
                try await SavedViewRepository(work: try call.work()).save(name, query: filter.query), status: .created)
        },
        Route(
            .delete, "/views/{id}", .signedIn(.casework), "Forgets a saved view", status: .noContent, problems: [404]
        ) { call in
            try await SavedViewRepository(work: try call.work()).delete(try call.id("id"))
            return call.nothing
        },
        Route(
            .get, "/students/{id}", .signedIn(.casework), "Shows all about one student; that it was read is audited",
            answer: schema, problems: [404]
        ) { call in
            call.answer(try await call.read(StudentRepository.read(try call.id("id"))))
        },
    ]

    private static let standing = Schema.object([
        .field("id", .id), .field("name"), .field("email"), .field("studentNumber", .nullable(.string())),
        .field("cohorts", .array(.object([.field("id", .id), .field("name")]))), .field("completed", count),
        .field("total", count), .field("overdue", count), .field("waiting", count),
        .field("signedInAt", .nullable(.instant)), .field("contactedAt", .nullable(.instant)),
    ])
    private static let count = Schema.integer(0...Int(Int32.max))
    private static let view = Schema.object([.field("id", .id), .field("name"), .field("query")])

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
        .field("contacts", .array(.object([.field("cohortId", .id), .field("accountId", .id)]))),
    ])
}
