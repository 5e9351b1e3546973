import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// `/cohorts/{id}/milestones` and `/milestones/{id}`.
enum MilestoneAPI {
    static let routes: [Route] = [
        Route(
            .get, "/cohorts/{id}/milestones", .signedIn(.casework), "Lists the milestones of a cohort",
            query: [
                Route.Parameter("archived", .boolean, "retired milestones instead of those in use")
            ] + Route.Parameter.paging, answer: .page(schema), problems: [404]
        ) { call in
            let (archived, page) = try call.query { ($0.value("archived", .bool, default: false), $0.page()) }
            return call.answer(
                try await call.read(MilestoneRepository.list(in: try call.id("id"), archived: archived, page)))
        },
        Route(
            .post, "/cohorts/{id}/milestones", .signedIn(.editors),
            "Adds a milestone; without a body an unsaved one, which no student sees",
            payload: .optionalJSON(draft.patch), status: .created, answer: schema,
            permission: { .cohort(try $0.id("id")) },
            problems: [404]
        ) { call in
            let draft = try Fields.read(try await call.json()) { MilestoneDraft(&$0) }
            let made = try await MilestoneRepository(work: try call.work()).add(draft, to: try call.id("id"))
            return call.answer(made, status: .created)
        },
        Route(
            .get, "/cohorts/{id}/milestone-order", .signedIn(.casework), "Shows the order of a cohort's milestones",
            answer: order, problems: [404]
        ) { call in
            call.answer(try await call.read(MilestoneRepository.order(in: try call.id("id"))))
        },
        Route(
            .put, "/cohorts/{id}/milestone-order", .signedIn(.editors), "Puts all milestones of a cohort in order",
            payload: .json(order), answer: order, permission: { .cohort(try $0.id("id")) }, problems: [404]
        ) { call in
            let order = try Fields.read(try await call.json()) { MilestoneOrder(&$0) }
            try await MilestoneRepository(work: try call.work()).setOrder(order, in: try call.id("id"))
            return call.answer(order)
        },
        Route(
            .get, "/milestones/{id}", .signedIn(.casework), "Shows a milestone", answer: schema, problems: [404]
        ) { call in
            call.answer(try await call.read(MilestoneRepository.find(try call.id("id"))))
        },
        Route(
            .get, "/milestones/{id}/reminders", .signedIn(.casework),
            "Shows when a milestone's reminders go out and to how many they went, and how many students have a later date",
            answer: reminded, problems: [404]
        ) { call in
            call.answer(try await call.read(MilestoneRepository.reminders(of: try call.id("id"))))
        },
        Route(
            .get, "/milestones/{id}/sharing", .signedIn(.casework),
            "Lists with which cohorts a milestone is shared; of those beyond the caller's scope without number and name",
            answer: .object([.field("items", .array(place)), .field("next", .nullable(.string()))]), problems: [404]
        ) { call in
            call.answer(Page(items: try await call.read(MilestoneRepository.sharing(of: try call.id("id")))))
        },
        Route(
            .delete, "/milestones/{id}/sharing", .signedIn(.admin), "Makes a shared milestone its cohort's own",
            status: .noContent, permission: { .milestone(try $0.id("id")) }, problems: [404]
        ) { call in
            try await MilestoneRepository(work: try call.work()).unshare(try call.id("id"), ifMatch: call.ifMatch)
            return call.nothing
        },
        Route(
            .patch, "/milestones/{id}", .signedIn(.editors), "Changes, retires or restores a milestone, and saves it",
            payload: .json(patch),
            answer: schema, permission: { .milestone(try $0.id("id")) }, problems: [404]
        ) { call in
            let patch = try Fields.read(try await call.json()) { MilestonePatch(&$0) }
            let changed = try await MilestoneRepository(work: try call.work())
                .change(try call.id("id"), patch, ifMatch: call.ifMatch)
            return call.answer(changed)
        },
        Route(
            .delete, "/milestones/{id}", .signedIn(.editors), "Removes a milestone nobody has worked on",
            status: .noContent, permission: { .milestone(try $0.id("id")) }, problems: [404]
        ) { call in
            try await MilestoneRepository(work: try call.work()).remove(try call.id("id"), ifMatch: call.ifMatch)
            return call.nothing
        },
    ]

    static let completion = Schema.choice(Completion.allCases.map(\.rawValue))
    private static let order = Schema.object([.field("milestoneIds", .array(.id))])
    private static let reminders = Schema.array(.integer(1...30))
    private static let days = Schema.nullable(.integer(0...3650))

    private static let count = Schema.integer(0...Int(Int32.max))
    private static let reminded = Schema.object([
        .field(
            "planned",
            .array(
                .object([
                    .field("daysBefore", .integer(1...30)), .field("day", .nullable(.date)), .field("students", count),
                ]))),
        .field("others", count), .field("extensions", count), .field("requests", count),
    ])

    private static let place = Schema.object([
        .field("milestoneId", .nullable(.id)), .field("cohortId", .nullable(.id)),
        .field("cohort", .nullable(.string())),
    ])

    private static let draft = Schema.object([
        .field("title", .string(1...200)), .field("dueOn", .nullable(.date)), .field("dueAfterDays", days),
        .field("description", .nullable(.string(0...20_000))), .field("reminders", reminders),
        .field("completion", completion), .field("saved", .boolean),
    ])

    private static let patch = Schema.object([
        .field("title", .string(1...200)), .field("dueOn", .nullable(.date)), .field("dueAfterDays", days),
        .field("description", .nullable(.string(0...20_000))), .field("reminders", reminders),
        .field("completion", completion), .field("saved", .boolean), .field("archived", .boolean),
    ]).patch

    static let schema = Schema.versioned([
        .field("id", .id), .field("cohortId", .id), .field("title", .string(1...200)),
        .field("dueOn", .nullable(.date)), .field("dueAfterDays", days),
        .field("description", .nullable(.string(1...20_000))), .field("reminders", reminders),
        .field("completion", completion), .field("saved", .boolean), .field("archived", .boolean),
        .field("sharedId", .nullable(.id)),
    ])
}
