import Casework
import Hummingbird
import Tenancy

/// How cohorts and groups are doing, and the students behind every number.
enum OverviewPages {
    static let routes: [PageRoute] = [
        .get("/overview", .signedIn(.casework)) { try await overview($0) },
        .get("/overview/students", .signedIn(.casework)) { visit in
            let list = try await CaseloadList(visit, of: .all)
            return try visit.page(
                "progress/students", title: list.heading, viewer: list.viewer, current: "/overview",
                list.model.merging(["place": visit.words.text("progress.everywhere")]) { $1 })
        },
        .get("/groups/{id}/progress", .signedIn(.casework)) { visit in
            let id = try visit.call.id("id")
            let group = try await CaseloadRepository(work: visit.call.work()).group(id)
            let list = try await CaseloadList(visit, of: .group(id))
            return try visit.page(
                "progress/students", title: "\(group.name): \(list.heading)", viewer: list.viewer,
                current: "/overview",
                list.model.merging(["place": group.name, "within": group.department]) { $1 })
        },
        .get("/cohorts/{id}/progress", .signedIn(.casework)) { visit in
            try await visit.cohortPage("progress/list", tab: "progress") { cohort in
                let list = try await CaseloadList(visit, of: .cohort(cohort.id))
                guard list.isWhole else { return list.model }
                let course = try await CaseloadRepository(work: visit.call.work()).burnUp(of: cohort.id)
                guard let chart = BurnUpChart(course, today: list.viewer.today) else { return list.model }
                return list.model.merging(["burnUp": chart.model(visit.words)]) { $1 }
            }
        },
    ]

    private static func overview(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let (all, cohorts, groups) = try await CaseloadRepository(work: visit.call.work()).overview()
        let filters = CaseloadList.Filter.self
        var model: Visit.Model = [
            "stats": [
                ("students", "/overview/students", all.students),
                ("dueSoon", "/overview/students?\(filters.dueSoon.query)", all.dueSoon),
                ("overdue", "/overview/students?\(filters.overdue.query)", all.overdue),
                ("waitingShort", "/overview/students?\(filters.submitted.query)", all.waiting),
            ].map { key, address, number -> Visit.Model in
                ["href": address, "value": words.number(number), "label": words.text("progress.stat-\(key)")]
            },
            "hasCohorts": !cohorts.isEmpty, "hasGroups": !groups.isEmpty,
            "cohorts": [
                "id": "cohorts", "what": words.text("progress.cohort"), "rows": cohorts.map { row($0, visit) },
            ],
            "groups": ["id": "groups", "what": words.text("progress.group"), "rows": groups.map { row($0, visit) }],
        ]
        if all.past > 0 {
            model["onTime"] = words.text(
                "progress.onTime",
                [
                    "percent": String(all.onTime * 100 / all.past), "done": words.number(all.onTime),
                    "past": words.number(all.past),
                ])
        }
        if let chart = OverdueChart(groups) { model["chart"] = chart.model(words) }
        return try visit.page(
            "progress/overview", title: words.text("progress.overview"), viewer: viewer, current: "/overview", model)
    }

    private static func row(_ summary: CaseloadSummary, _ visit: Visit) -> Visit.Model {
        let words = visit.words
        let path =
            switch summary.caseload {
            case .all: "/overview/students"
            case .cohort(let id): "/cohorts/\(id)/progress"
            case .group(let id): "/groups/\(id)/progress"
            }
        let percent = summary.total == 0 ? 0 : summary.completed * 100 / summary.total
        return [
            "path": path, "name": summary.name, "within": summary.within, "percent": String(percent),
            "oldest": summary.oldest.map { ProgressPages.sent($0, visit) } ?? "–",
            "numbers": [
                ("students", "", summary.students),
                ("dueSoon", "?\(CaseloadList.Filter.dueSoon.query)", summary.dueSoon),
                ("overdue", "?\(CaseloadList.Filter.overdue.query)", summary.overdue),
                ("waitingShort", "?\(CaseloadList.Filter.submitted.query)", summary.waiting),
            ].map { key, query, number -> Visit.Model in
                [
                    "href": path + query, "number": words.number(number), "label": words.text("progress.\(key)"),
                    "place": summary.name, "kind": key == "overdue" && number > 0 ? "late" : "",
                ]
            },
        ]
    }
}
