import Casework
import Hummingbird
import Tenancy

/// Milestones copied from cohort to cohort, and cohorts rolled over. A dry run tells what would be made, with an ETag; under it,
/// as `If-Match`, the real run makes just that.
enum CopyAPI {
    static let routes: [Route] = [
        Route(
            .post, "/cohorts/{id}/milestone-copies", .signedIn(.editors),
            """
            Copies milestones of another cohort into this one, with their files, and moves their dates; `shared` (admins only) \
            keeps them the same milestones, written once and done once
            """,
            query: [dryRun], payload: .json(copyDraft), status: .created, answer: copy, otherAnswers: [.ok: copy],
            permission: { .cohort(try $0.id("id")) }, problems: [404, 412]
        ) { call in
            let id = try call.id("id")
            let isDry = try call.flag("dryRun")
            let draft = try Fields.read(try await call.json()) { MilestoneCopyDraft(&$0) }
            guard !isDry else { return call.answer(try await call.read(CopyRepository.plan(draft, into: id))) }
            let copied = try await CopyRepository(work: try call.work()).copy(draft, into: id, ifMatch: call.ifMatch)
            return call.answer(copied, status: .created)
        },
        Route(
            .post, "/cohorts/{id}/successors", .signedIn(.admin),
            "Rolls a cohort over: makes the next term's, with its milestones, groups and students as far as wanted",
            query: [dryRun], payload: .json(rollOverDraft), status: .created, answer: rollOver,
            otherAnswers: [.ok: rollOver], permission: { .cohort(try $0.id("id")) }, problems: [404, 412]
        ) { call in
            let id = try call.id("id")
            let isDry = try call.flag("dryRun")
            let draft = try Fields.read(try await call.json()) { RollOverDraft(&$0) }
            guard !isDry else { return call.answer(try await call.read(RollOverRepository.plan(draft, of: id))) }
            let made = try await RollOverRepository(work: try call.work()).rollOver(id, draft, ifMatch: call.ifMatch)
            return call.answer(made, status: .created)
        },
    ]

    private static let dryRun = Route.Parameter("dryRun", .boolean, "change nothing, only report")
    private static let shift: [Schema.Property] = [
        .optional("shiftDays", .nullable(.integer(-3650...3650))), .optional("firstDay", .nullable(.date)),
    ]
    private static let copyDraft = Schema.object(
        [.field("fromCohortId", .id), .optional("milestoneIds", .array(.id)), .optional("shared", .boolean)] + shift)
    private static let rollOverDraft = Schema.object(
        [.field("name", .string(1...200)), .optional("categoryId", .nullable(.id))] + shift + [
            .optional("groups", .boolean),
            .optional("students", .choice(StudentsGoingOn.allCases.map(\.rawValue))),
        ])

    private static let report: [Schema.Property] = [
        .field("fromCohortId", .id), .field("shiftDays", .integer()),
        .field(
            "milestones",
            .array(
                .object([
                    .field("milestoneId", .id), .field("copyId", .nullable(.id)), .field("title"),
                    .field("dueOn", .nullable(.date)), .field("dueAfterDays", .nullable(.integer(0...3650))),
                    .field("weekend", .boolean), .field("past", .boolean),
                    .field("reminders", .array(.integer(1...30))),
                    .field("files", .integer()),
                ]))),
    ]
    private static let copy = Schema.versioned([.field("dryRun", .boolean)] + report)
    private static let rollOver = Schema.versioned(
        [.field("dryRun", .boolean), .field("cohort", .nullable(CohortAPI.shape))] + report + [
            .field("groups", .array(.object([.field("id", .id), .field("name")]))), .field("students", .integer()),
        ])
}
