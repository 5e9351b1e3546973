import Casework
import Hummingbird

extension Visit {
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
