import Casework
import Hummingbird
import Tenancy

/// Preview as a student: an admin sees the dashboard page a student of a cohort would get, also before it is switched on.
enum PreviewPages {
    static let routes: [PageRoute] = [
        .get("/preview", .signedIn(.admin)) { visit in
            let (cohort, search, page) = try visit.call.query {
                ($0.optional("cohort", .id), $0.optional("q", .text(1...200)), $0.page())
            }
            let (viewer, choice) =
                if let cohort {
                    try await students(visit, of: cohort, search, page)
                } else {
                    try await cohorts(visit, search, page)
                }
            return visit.page(
                title: visit.words[DashboardText.previewTitle], viewer: viewer, current: "/setup"
            ) {
                choice.html
            }
        },
        .get("/cohorts/{id}/preview", .signedIn(.admin)) { try await show($0, student: nil) },
        .get("/cohorts/{id}/preview/{student}", .signedIn(.admin)) { visit in
            try await show(visit, student: visit.call.id("student"))
        },
    ]

    private static func show(_ visit: Visit, student: Int?) async throws -> Response {
        let id = try visit.call.id("id")
        let words = visit.words
        let (viewer, cohort, preview) = try await visit.read(
            CohortRepository.find(id), PreviewRepository.read(student: student, of: id))
        let name = student == nil ? words[DashboardText.previewSomebody] : preview.name
        let page = DashboardPage(
            visit: visit, dashboard: preview.dashboard, name: name, today: viewer.today, timeZone: viewer.timeZone,
            preview: notice(visit, viewer, of: cohort, name: student == nil ? nil : name))
        return visit.page(
            .student(
                institution: viewer.institution, name: name, today: viewer.today, unread: nil, csrf: visit.csrf,
                isPreview: true),
            title: "\(words[DashboardText.previewTitle]): \(student == nil ? cohort.name : name)"
        ) {
            page.html
        }
    }

    /// What stands above the page: that it is a preview, whose, and the way back.
    /// - Parameter name: nil for somebody who joins the cohort now.
    private static func notice(_ visit: Visit, _ viewer: Viewer, of cohort: Cohort, name: String?) -> HTML {
        let words = visit.words
        return section(.class("notice warn stack"), .labelledBy("preview")) {
            p {
                b(.id("preview")) {
                    words[viewer.studentVisibility ? DashboardText.previewVisible : .previewHidden]
                }
            }
            p {
                name.map { words[DashboardText.previewOf, ["name": $0]] }
                    ?? words[DashboardText.previewOfNewcomer, ["name": cohort.name]]
            }
            p(.class("row")) {
                a(.class("button"), .href("/cohorts/\(cohort.id)/students")) { words[DashboardText.previewBack] }
                a(.href("/preview?cohort=\(cohort.id)")) { words[DashboardText.previewChoose] }
            }
        }
    }

    private static func cohorts(
        _ visit: Visit, _ search: String?, _ page: PageRequest
    ) async throws -> (Viewer, PreviewChoicePage) {
        let words = visit.words
        let filter = try visit.call.query { CohortFilter(&$0) }
        let (viewer, cohorts) = try await visit.read(CohortRepository.list(filter, page))
        let choice = PreviewChoicePage(
            visit: visit, heading: words[DashboardText.previewAll], searchLabel: words[CohortText.search],
            nothing: words[DashboardText.previewNoCohorts],
            choices: cohorts.items.map { cohort in
                PreviewChoicePage.Choice(
                    name: cohort.name, address: "/cohorts/\(cohort.id)/preview",
                    fact: "\(cohort.categoryName) · \(words[CohortText.students, n: cohort.students])")
            }, next: cohorts.next, search: search)
        return (viewer, choice)
    }

    private static func students(
        _ visit: Visit, of id: Int, _ search: String?, _ page: PageRequest
    ) async throws -> (Viewer, PreviewChoicePage) {
        let words = visit.words
        let (viewer, cohort, students) = try await visit.read(
            CohortRepository.find(id), EnrollmentRepository.list(cohort: id, search: search, page))
        let choice = PreviewChoicePage(
            visit: visit, heading: cohort.name, searchLabel: words[CohortText.findStudent],
            nothing: words[DashboardText.previewNoStudents],
            choices: students.items.map { student in
                PreviewChoicePage.Choice(
                    name: student.name, address: "/cohorts/\(id)/preview/\(student.id)", fact: student.email)
            }, next: students.next, search: search, cohort: id)
        return (viewer, choice)
    }
}
