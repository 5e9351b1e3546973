import Casework
import Hummingbird
import Tenancy

/// Departments and who directs them, for admins.
enum DepartmentPages {
    static let routes: [PageRoute] = [
        .get("/departments", .signedIn(.admin)) { try await list($0) },
        .post("/departments", .signedIn(.admin)) { visit in
            try await visit.attempt {
                let draft = try Fields.read(form: visit.form.fields) { DepartmentDraft(&$0) }
                let department = try await repository(visit).create(draft)
                return visit.redirect("/departments/\(department.id)", done: .created)
            } again: {
                try await list($0)
            }
        },
        .get("/departments/{id}", .signedIn(.admin)) { try await show($0) },
        .post("/departments/{id}", .signedIn(.admin)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                let draft = try Fields.read(form: visit.form.fields) { DepartmentPatch(&$0) }
                _ = try await repository(visit).update(id, draft, ifMatch: visit.seenVersion)
                return visit.redirect("/departments/\(id)", done: .saved)
            } again: {
                try await show($0)
            }
        },
        .post("/departments/{id}/delete", .signedIn(.admin)) { visit in
            try await visit.attempt {
                try await repository(visit).delete(visit.call.id("id"), ifMatch: visit.seenVersion)
                return visit.redirect("/departments", done: .deleted)
            } again: {
                try await show($0.untyped)
            }
        },
        .post("/departments/{id}/directors", .signedIn(.admin)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                let account = try Fields.read(form: visit.form.fields) { $0.required("accountId", .id) }
                try await repository(visit).addDirector(account, to: id)
                return visit.redirect("/departments/\(id)", done: .added)
            } again: {
                try await show($0.untyped)
            }
        },
        .post("/departments/{id}/directors/{account}/remove", .signedIn(.admin)) { visit in
            let id = try visit.call.id("id")
            try await repository(visit).removeDirector(visit.call.id("account"), from: id)
            return visit.redirect("/departments/\(id)", done: .removed)
        },
    ]

    private static func repository(_ visit: Visit) throws -> DepartmentRepository {
        DepartmentRepository(work: try visit.call.work())
    }

    private static func list(_ visit: Visit) async throws -> Response {
        let (search, page) = try visit.call.query { ($0.optional("q", .text(1...200)), $0.page()) }
        let (viewer, departments) = try await visit.read(DepartmentRepository.list(search: search, page))
        return visit.page(title: visit.words[DepartmentText.heading], viewer: viewer, current: "/departments") {
            DepartmentListPage(visit: visit, departments: departments, search: search).html
        }
    }

    private static func show(_ visit: Visit) async throws -> Response {
        let id = try visit.call.id("id")
        let (search, page) = try visit.call.query { ($0.optional("q", .text(1...200)), $0.page()) }
        var wanted = AccountFilter()
        wanted.role = .director
        wanted.text = search
        let (viewer, department, directors, able) = try await visit.read(
            DepartmentRepository.find(id), DepartmentRepository.directors(of: id, page),
            AccountRepository.list(wanted, PageRequest(limit: 50)))
        let known = Set(directors.items.map(\.id))
        let shown = DepartmentPage(
            visit: visit, department: department, directors: directors, search: search,
            others: able.items.filter { !known.contains($0.id) })
        return visit.page(title: department.name, viewer: viewer, current: "/departments") { shown.html }
    }
}
