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
                _ = try await repository(visit).update(id, draft, ifMatch: .any)
                return visit.redirect("/departments/\(id)", done: .saved)
            } again: {
                try await show($0)
            }
        },
        .post("/departments/{id}/delete", .signedIn(.admin)) { visit in
            try await visit.attempt {
                try await repository(visit).delete(visit.call.id("id"), ifMatch: .any)
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
        let viewer = try await visit.viewer()
        let (search, page) = try visit.call.query { ($0.optional("q", .text(1...200)), $0.page()) }
        let departments = try await repository(visit).list(search: search, page)
        return try visit.page(
            "departments/list", title: visit.words.text("departments.heading"), viewer: viewer, current: "/departments",
            [
                "search": search ?? "", "hasDepartments": !departments.items.isEmpty,
                "pager": visit.pagerModel(departments.next), "naming": [field(visit, department: nil)],
                "departments": departments.items.map { department -> Visit.Model in
                    ["department": String(department.id), "departmentName": department.name]
                },
            ])
    }

    private static func show(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let department = try await repository(visit).find(visit.call.id("id"))
        let (search, page) = try visit.call.query { ($0.optional("q", .text(1...200)), $0.page()) }
        let directors = try await repository(visit).directors(of: department.id, page)
        var wanted = AccountFilter()
        wanted.role = .director
        wanted.text = search
        let able = try await AccountRepository(work: visit.call.work()).list(wanted, PageRequest(limit: 50))
        let known = Set(directors.items.map(\.id))
        let others = able.items.filter { !known.contains($0.id) }
        return try visit.page(
            "departments/show", title: department.name, viewer: viewer, current: "/departments",
            [
                "department": String(department.id), "departmentName": department.name, "search": search ?? "",
                "naming": [field(visit, department: department)], "hasDirectors": !directors.items.isEmpty,
                "pager": visit.pagerModel(directors.next), "hasOthers": !others.isEmpty,
                "directors": directors.items.map { director -> Visit.Model in
                    ["account": String(director.id), "directorName": director.name, "address": director.email]
                },
                "others": others.map { account -> Visit.Model in
                    ["account": String(account.id), "directorName": account.fullName, "address": account.email]
                },
            ])
    }

    private static func field(_ visit: Visit, department: Department?) -> Visit.Model {
        visit.input(
            Input(
                name: "name", label: visit.words.text("departments.name"),
                hint: visit.words.text("departments.nameHint"),
                value: department?.name, isRequired: true, limit: 200))
    }
}
