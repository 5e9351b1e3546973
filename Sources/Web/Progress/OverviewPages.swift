import Casework
import Hummingbird
import Tenancy

/// How cohorts and groups are doing, and the students behind every number.
enum OverviewPages {
    static let routes: [PageRoute] = [
        .get("/overview", .signedIn(.casework)) { try await overview($0) },
        .get("/overview/students", .signedIn(.casework)) { visit in
            let list = try await CaseloadList(visit, of: .all)
            return students(visit, list, title: list.heading, place: visit.words[ProgressText.everywhere])
        },
        .get("/groups/{id}/progress", .signedIn(.casework)) { visit in
            let id = try visit.call.id("id")
            let group = try await CaseloadRepository(work: visit.call.work()).group(id)
            let list = try await CaseloadList(visit, of: .group(id))
            return students(
                visit, list, title: "\(group.name): \(list.heading)", place: group.name, within: group.department)
        },
        .get("/cohorts/{id}/progress", .signedIn(.casework)) { visit in
            try await visit.cohortPage(.progress) { cohort, viewer in
                let list = try await CaseloadList(visit, of: .cohort(cohort.id))
                guard list.isWhole else { return list.page.html }
                let course = try await CaseloadRepository(work: visit.call.work()).burnUp(of: cohort.id)
                let chart = BurnUpChart(course, today: viewer.today)
                return HTMLBuilder.buildArray([chart?.html(visit.words) ?? HTML(), list.page.html])
            }
        },
    ]

    private static func overview(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let (all, cohorts, groups) = try await CaseloadRepository(work: visit.call.work()).overview()
        return visit.page(title: visit.words[ProgressText.overview], viewer: viewer, current: "/overview") {
            OverviewPage(visit: visit, all: all, cohorts: cohorts, groups: groups).html
        }
    }

    /// The students behind a number of the overview.
    private static func students(
        _ visit: Visit, _ list: CaseloadList, title: String, place: String, within: String? = nil
    ) -> Response {
        let words = visit.words
        let way = [Crumb(text: words[ProgressText.overview], address: "/overview")]
        return visit.page(title: title, viewer: list.viewer, current: "/overview") {
            pageHead(
                crumbs: breadcrumbs(words[CohortText.crumbs], way + (within.map { [Crumb(text: $0)] } ?? [])),
                content: { h1 { bdi { place } } })
            list.page.html
        }
    }
}
