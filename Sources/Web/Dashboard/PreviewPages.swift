import Casework
import Hummingbird
import Tenancy

/// Preview as a student: an admin sees the dashboard page a student of a cohort would get, also before it is switched on.
enum PreviewPages {
    static let routes: [PageRoute] = [
        .get("/preview", .signedIn(.admin)) { visit in
            let (cohort, search, page) = try visit.call.query {
                ($0.optional("cohort", .int(1...Int(Int32.max))), $0.optional("q", .text(1...200)), $0.page())
            }
            let viewer = try await visit.viewer()
            var model =
                if let cohort {
                    try await students(visit, of: cohort, search, page)
                } else {
                    try await cohorts(visit, search, page)
                }
            model["search"] = search ?? ""
            return try visit.page(
                "dashboard/choose", title: visit.words.text("dashboard.previewTitle"), viewer: viewer,
                current: "/setup", model)
        },
        .get("/cohorts/{id}/preview", .signedIn(.admin)) { try await show($0, student: nil) },
        .get("/cohorts/{id}/preview/{student}", .signedIn(.admin)) { visit in
            try await show(visit, student: visit.call.id("student"))
        },
    ]

    private static func show(_ visit: Visit, student: Int?) async throws -> Response {
        let id = try visit.call.id("id")
        let words = visit.words
        let viewer = try await visit.viewer()
        let cohort = try await CohortRepository(work: visit.call.work()).find(id)
        let preview = try await PreviewRepository(work: visit.call.work()).read(student: student, of: id)
        let name = student == nil ? words.text("dashboard.previewSomebody") : preview.name
        var model = DashboardPages.model(of: preview.dashboard, name: name, today: viewer.today, visit)
        model["institution"] = viewer.institution
        model["viewer"] = name
        model["viewerInitials"] = name.initials
        model["preview"] =
            [
                "heading": words.text(
                    viewer.studentVisibility ? "dashboard.previewVisible" : "dashboard.previewHidden"),
                "text": student == nil
                    ? words.text("dashboard.previewOfNewcomer", ["name": cohort.name])
                    : words.text("dashboard.previewOf", ["name": name]),
                "back": "/cohorts/\(id)/students", "choose": "/preview?cohort=\(id)",
            ] as Visit.Model
        let title = "\(words.text("dashboard.previewTitle")): \(student == nil ? cohort.name : name)"
        return try visit.render("dashboard/show", title: title, model)
    }

    private static func cohorts(_ visit: Visit, _ search: String?, _ page: PageRequest) async throws -> Visit.Model {
        let words = visit.words
        let filter = try visit.call.query { CohortFilter(&$0) }
        let cohorts = try await CohortRepository(work: visit.call.work()).list(filter, page)
        return [
            "heading": words.text("dashboard.previewAll"), "find": words.text("cohorts.search"),
            "none": words.text("dashboard.previewNoCohorts"), "hasChoices": !cohorts.items.isEmpty,
            "pager": visit.pagerModel(cohorts.next),
            "choices": cohorts.items.map { cohort -> Visit.Model in
                [
                    "href": "/cohorts/\(cohort.id)/preview", "label": cohort.name,
                    "fact": "\(cohort.categoryName) · \(words.text("cohorts.students", n: cohort.students))",
                ]
            },
        ]
    }

    private static func students(
        _ visit: Visit, of id: Int, _ search: String?, _ page: PageRequest
    ) async throws -> Visit.Model {
        let words = visit.words
        let cohort = try await CohortRepository(work: visit.call.work()).find(id)
        let students = try await EnrollmentRepository(work: visit.call.work()).list(cohort: id, search: search, page)
        return [
            "cohort": ["id": String(id)], "heading": cohort.name, "find": words.text("cohorts.findStudent"),
            "none": words.text("dashboard.previewNoStudents"), "hasChoices": !students.items.isEmpty,
            "pager": visit.pagerModel(students.next),
            "choices": students.items.map { student -> Visit.Model in
                [
                    "href": "/cohorts/\(id)/preview/\(student.id)",
                    "label": "\(student.givenName) \(student.familyName)".trimmingSpaces, "fact": student.email,
                ]
            },
        ]
    }
}
