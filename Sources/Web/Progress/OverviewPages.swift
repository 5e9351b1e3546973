import Casework
import Hummingbird
import Tenancy

/// How cohorts and groups are doing.
enum OverviewPages {
    static let routes: [PageRoute] = [
        .get("/overview", .signedIn(.casework)) { try await overview($0) },
        .get("/overview/course", .signedIn(.casework)) { try await course($0) },
        .get("/overview.csv", .signedIn(.casework)) { try await file($0) },
        .get("/cohorts/{id}/progress", .signedIn(.casework)) { try await cohort($0) },
    ]

    private static func overview(_ visit: Visit) async throws -> Response {
        let address = try visit.call.query { OverviewAddress(&$0) }
        let (viewer, summaries, categories) = try await visit.read(
            CaseloadRepository.overview(address.filter), CaseloadRepository.categories)
        let page = OverviewPage(
            visit: visit, address: address, all: summaries.all, cohorts: summaries.cohorts, groups: summaries.groups,
            categories: categories)
        return visit.page(title: visit.words[ProgressText.overview], viewer: viewer, current: "/overview") {
            page.html
        }
    }

    private static func course(_ visit: Visit) async throws -> Response {
        let address = try visit.call.query { OverviewAddress(&$0) }
        let (viewer, course, categories) = try await visit.read(
            CaseloadRepository.burnUp(of: .all, category: address.filter.categoryID), CaseloadRepository.categories)
        let page = CoursePage(
            visit: visit, address: address, course: course, categories: categories, today: viewer.today)
        return visit.page(title: visit.words[ProgressText.overview], viewer: viewer, current: "/overview") {
            page.html
        }
    }

    private static func file(_ visit: Visit) async throws -> Response {
        let address = try visit.call.query { OverviewAddress(&$0) }
        let (_, summaries) = try await visit.read(CaseloadRepository.overview(address.filter))
        let order = address.order ?? .first
        let file = OverviewFile(
            words: visit.words,
            rows: [(.cohort, order.sorted(summaries.cohorts)), (.group, order.sorted(summaries.groups))])
        return .csv(file.bytes, name: file.name)
    }

    /// A cohort's Progress tab; its course stands above everybody, not above some.
    private static func cohort(_ visit: Visit) async throws -> Response {
        let id = try visit.call.id("id")
        let list = try CaseloadList(visit)
        let reading = try list.reading(of: .cohort(id))
        guard list.isWhole else {
            return try await visit.cohortPage(.progress, reading) { _, viewer, found in
                list.html(found, today: viewer.today)
            }
        }
        return try await visit.cohortPage(.progress, .all(reading, CaseloadRepository.burnUp(of: .cohort(id)))) {
            _, viewer, found in
            let chart = BurnUpChart(found.1, today: viewer.today)
            return HTMLBuilder.buildArray([
                chart?.html(visit.words) ?? HTML(), list.html(found.0, today: viewer.today),
            ])
        }
    }
}
