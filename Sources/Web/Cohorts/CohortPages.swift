import Casework
import Hummingbird
import Tenancy

/// Categories and cohorts: the Cohorts tab, *Create Category*, *+Add Cohort*, and a cohort's own details.
enum CohortPages {
    static let routes: [PageRoute] = [
        .get("/cohorts", .signedIn(.editors)) { try await list($0) },
        .post("/categories", .signedIn(.editors)) { visit in
            try await visit.attempt {
                let draft = try Fields.read(form: visit.form.fields) { CategoryDraft(&$0) }
                _ = try await CategoryRepository(work: visit.call.work()).create(draft)
                return visit.redirect("/cohorts", done: "created")
            } again: {
                try await list($0)
            }
        },
        .post("/categories/{id}/delete", .signedIn(.editors)) { visit in
            try await visit.attempt {
                try await CategoryRepository(work: visit.call.work()).delete(visit.call.id("id"), ifMatch: .any)
                return visit.redirect("/cohorts", done: "deleted")
            } again: {
                try await list($0)
            }
        },
        .get("/categories/{id}/cohorts/new", .signedIn(.editors)) { try await new($0) },
        .post("/categories/{id}/cohorts", .signedIn(.editors)) { visit in
            try await visit.attempt {
                let draft = try Fields.read(form: visit.form.fields) { CohortDraft(&$0) }
                let cohort = try await CohortRepository(work: visit.call.work()).create(in: visit.call.id("id"), draft)
                // students are the admins' to add; whoever else made it goes on with what it is to reach
                let next = try await visit.viewer().role == "admin" ? "add-students" : "milestones"
                return visit.redirect("/cohorts/\(cohort.id)/\(next)", done: "created")
            } again: {
                try await new($0)
            }
        },
        .get("/cohorts/{id}", .signedIn(.casework)) { visit in
            visit.redirect("/cohorts/\(try visit.call.id("id"))/students")
        },
        .get("/cohorts/{id}/details", .signedIn(.editors)) { try await details($0) },
        .post("/cohorts/{id}/details", .signedIn(.editors)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                let patch = try Fields.read(form: visit.form.fields) { CohortPatch(&$0) }
                _ = try await CohortRepository(work: visit.call.work()).update(id, patch, ifMatch: .any)
                return visit.redirect("/cohorts/\(id)/details", done: "saved")
            } again: {
                try await details($0)
            }
        },
        .post("/cohorts/{id}/delete", .signedIn(.editors)) { visit in
            try await visit.attempt {
                try await CohortRepository(work: visit.call.work()).delete(visit.call.id("id"), ifMatch: .any)
                return visit.redirect("/cohorts", done: "deleted")
            } again: {
                try await details($0)
            }
        },
    ]

    private static func list(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let (filter, page) = try visit.call.query { (CohortFilter(&$0), $0.page()) }
        let categories = try await CategoryRepository(work: visit.call.work()).list(
            search: nil, PageRequest(limit: 200))
        let cohorts = try await CohortRepository(work: visit.call.work())
            .list(filter, PageRequest(limit: 200, after: page.after))
        let sections = categories.items.compactMap { category -> Visit.Model? in
            let own = cohorts.items.filter { $0.categoryID == category.id }
            // a search shows what it found; a category without is not empty because of it
            if own.isEmpty, filter.search != nil { return nil }
            return [
                "id": String(category.id), "name": category.name, "hasCohorts": !own.isEmpty, "csrf": visit.csrf,
                "cohorts": own.map { cohort -> Visit.Model in
                    [
                        "id": String(cohort.id), "name": cohort.name, "goal": cohort.goal ?? "",
                        "students": words.number(cohort.students), "milestones": words.number(cohort.milestones),
                        "groups": words.number(cohort.groups),
                    ]
                },
            ]
        }
        return try visit.page(
            "cohorts/list", title: words.text("cohorts.title"), viewer: viewer, current: "/cohorts",
            [
                "categories": sections, "hasCategories": !sections.isEmpty, "search": filter.search ?? "",
                "searched": filter.search != nil,
                "name": visit.input(
                    Input(
                        name: "name", label: words.text("cohorts.categoryName"),
                        hint: words.text("cohorts.categoryHint"),
                        isRequired: true, limit: 200)),
                "pager": visit.pager(cohorts.next),
            ])
    }

    private static func new(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let category = try await CategoryRepository(work: visit.call.work()).find(visit.call.id("id"))
        return try visit.page(
            "cohorts/new", title: words.text("cohorts.addTitle"), viewer: viewer, current: "/cohorts",
            [
                "id": String(category.id), "category": category.name,
                "fields": visit.inputs(fields(words, cohort: nil)),
            ])
    }

    private static func details(_ visit: Visit) async throws -> Response {
        try await visit.cohortPage("cohorts/details", tab: "details") { cohort in
            [
                "fields": visit.inputs(fields(visit.words, cohort: cohort)),
                "archived": cohort.isArchived, "toggle": cohort.isArchived ? "false" : "true",
            ]
        }
    }

    private static func fields(_ words: Catalogue, cohort: Cohort?) -> [Input] {
        [
            Input(
                name: "name", label: words.text("cohorts.name"), hint: words.text("cohorts.nameHint"),
                value: cohort?.name,
                isRequired: true, limit: 200),
            Input(
                name: "goal", label: words.text("cohorts.goal"), hint: words.text("cohorts.goalHint"), kind: .text,
                value: cohort?.goal),
            Input(
                name: "plannedMilestones", label: words.text("cohorts.planned"), kind: .line(type: "number"),
                value: cohort?.plannedMilestones.map(String.init)),
        ]
    }
}

extension Visit {
    /// The link to the next page of a list, and back to the first; none where the list has only one page.
    func pager(_ next: Cursor?) -> [Model] {
        let path = call.request.uri.path
        let query = (call.request.uri.query ?? "").split(separator: "&")
        let ours = query.filter { !$0.hasPrefix("done=") && !$0.hasPrefix("n=") }
        let rest = ours.filter { !$0.hasPrefix("cursor=") }.map(String.init)
        var model: Model = [:]
        if let next { model["next"] = "\(path)?\((rest + ["cursor=\(next)"]).joined(separator: "&"))" }
        if rest.count < ours.count {
            model["first"] = rest.isEmpty ? path : "\(path)?\(rest.joined(separator: "&"))"
        }
        return model.isEmpty ? [] : [model]
    }

    /// A page of one cohort: breadcrumb, heading, facts and tabs, then what the tab adds.
    /// - Parameter tab: `students`, `add-students`, `milestones`, `support-groups`, `attach` or `details`.
    func cohortPage(
        _ template: String, tab: String, _ add: (Cohort) async throws -> Model
    ) async throws -> Response {
        let viewer = try await viewer()
        let id = try call.id("id")
        let cohort = try await CohortRepository(work: call.work()).find(id)
        var model: Model = [
            "id": String(id), "name": cohort.name, "category": cohort.categoryName,
            "facts": [
                words.text("cohorts.students", n: cohort.students),
                words.text("cohorts.milestones", n: cohort.milestones),
                words.text("cohorts.groups", n: cohort.groups),
            ].joined(separator: " · "),
        ]
        let enrolling = viewer.role == "admin" ? ["add-students"] : []
        let editing = cohort.isEditable ? ["milestones", "support-groups", "attach", "details"] : ["support-groups"]
        let tabs = ["students", "progress"] + enrolling + editing
        // seen and not the viewer's to edit: a page of buttons that all refuse
        guard tabs.contains(tab) else { throw CaseworkError.forbidden }
        model["tabs"] = tabs.map { name -> Model in
            var entry: Model = ["href": "/cohorts/\(id)/\(name)", "label": words.text("cohorts.tab-\(name)")]
            if name == tab { entry["current"] = true }
            return entry
        }
        model["lists"] = viewer.editsCohorts
        model["editor"] = cohort.isEditable
        model["enroller"] = !enrolling.isEmpty
        model["previewable"] = viewer.role == "admin"
        model.merge(try await add(cohort)) { $1 }
        return try page(
            template, title: "\(words.text("cohorts.tab-\(tab)")) · \(cohort.name)", viewer: viewer,
            current: viewer.editsCohorts ? "/cohorts" : "/students", model
        )
    }
}
