import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// `/overview`: how cohorts and groups are doing, and how they came there.
enum OverviewAPI {
    static let routes: [Route] = [
        Route(
            .get, "/overview", .signedIn(.casework),
            "Sums up the scope, its cohorts and the caller's groups; a student counts once in each",
            query: [
                category, .init("days", .integer(1...365), "`pastBefore` and `doneBefore` are of so many days ago; 7"),
            ],
            answer: .object([
                .field("all", .object(numbers)), .field("cohorts", .array(place)), .field("groups", .array(place)),
            ])
        ) { call in
            let found = try await call.read(CaseloadRepository.overview(try call.query { OverviewFilter(&$0) }))
            return call.answer(Overview(all: found.all, cohorts: found.cohorts, groups: found.groups))
        },
        Route(
            .get, "/overview/course", .signedIn(.casework),
            "Tells what was due by the end of each day, and what was completed by then",
            query: [category],
            answer: .object([
                .field("total", .integer()),
                .field(
                    "days",
                    .array(
                        .object([
                            .field("day", .date), .field("planned", .integer()), .field("completed", .integer()),
                        ]))),
            ])
        ) { call in
            let category = try call.query { OverviewFilter(&$0).categoryID }
            return call.answer(try await call.read(CaseloadRepository.burnUp(of: .all, category: category)))
        },
    ]

    private static let category = Route.Parameter("categoryId", .id, "Of this category's cohorts")
    private static let numbers: [Schema.Property] =
        [.field("students", .integer()), .field("dueSoon", .integer()), .field("overdue", .integer())]
        + [.field("waiting", .integer()), .field("oldest", .nullable(.instant)), .field("total", .integer())]
        + [.field("completed", .integer()), .field("past", .integer()), .field("pastDone", .integer())]
        + [.field("onTime", .integer()), .field("pastBefore", .integer()), .field("doneBefore", .integer())]
    private static let place = Schema.object(
        [.field("id", .id), .field("name"), .field("within")] + numbers)
}

/// The answer about a scope.
private struct Overview: JSONEncodable {
    let all: CaseloadSummary
    let cohorts, groups: [CaseloadSummary]

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("all", all)
            $0.field("cohorts", cohorts)
            $0.field("groups", groups)
        }
    }
}
