import Casework
import Hummingbird
import Tenancy

/// The Cohorts tab, *+Add Cohort*, and a cohort's own details.
enum CohortPages {
    static let routes: [PageRoute] = [
        .get("/cohorts", .signedIn(.editors)) { try await list($0) },
        .get("/categories/{id}/cohorts/new", .signedIn(.editors)) { try await new($0) },
        .post("/categories/{id}/cohorts", .signedIn(.editors)) { visit in
            try await visit.attempt {
                let draft = try Fields.read(form: visit.form.fields) { CohortDraft(&$0) }
                let cohort = try await CohortRepository(work: visit.call.work()).create(in: visit.call.id("id"), draft)
                // only admins add students; everybody else goes on with the milestones
                let next = try await visit.viewer().role == "admin" ? "add-students" : "milestones"
                return visit.redirect("/cohorts/\(cohort.id)/\(next)", done: .created)
            } again: {
                try await new($0)
            }
        },
        .get("/cohorts/{id}", .signedIn(.casework)) { visit in
            let cohort = try await visit.call.read(CohortRepository.find(visit.call.id("id")))
            return visit.redirect(CohortTab.first(of: cohort).address(in: cohort.id))
        },
        .get("/cohorts/{id}/details", .signedIn(.editors)) { try await details($0) },
        .post("/cohorts/{id}/details", .signedIn(.editors)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                let patch = try Fields.read(form: visit.form.fields) { CohortPatch(&$0) }
                _ = try await CohortRepository(work: visit.call.work()).update(id, patch, ifMatch: visit.seenVersion)
                let done = patch.isArchived.map { $0 ? DoneText.archived : .restored } ?? .saved
                return visit.redirect(CohortTab.details.address(in: id), done: done)
            } again: {
                try await details($0.form["name"] == nil ? $0.untyped : $0)
            }
        },
        .post("/cohorts/{id}/delete", .signedIn(.editors)) { visit in
            try await visit.attempt {
                try await CohortRepository(work: visit.call.work())
                    .delete(visit.call.id("id"), ifMatch: visit.seenVersion)
                return visit.redirect("/cohorts", done: .deleted)
            } again: {
                try await details($0)
            }
        },
    ]

    private static func list(_ visit: Visit) async throws -> Response {
        let (filter, page) = try visit.call.query { (CohortFilter(&$0), $0.page()) }
        let (viewer, sections) = try await visit.read(
            CohortRepository.overview(filter, PageRequest(limit: 200, after: page.after)))
        let list = CohortListPage(visit: visit, sections: sections, filter: filter)
        return visit.page(title: visit.words[CohortText.title], viewer: viewer, current: "/cohorts") { list.html }
    }

    private static func new(_ visit: Visit) async throws -> Response {
        let (viewer, category) = try await visit.read(CategoryRepository.find(visit.call.id("id")))
        return visit.page(title: visit.words[CohortText.addTitle], viewer: viewer, current: "/cohorts") {
            CohortForm(visit: visit).new(in: category)
        }
    }

    private static func details(_ visit: Visit) async throws -> Response {
        try await visit.cohortPage(.details) { cohort, viewer in
            CohortForm(visit: visit).details(of: cohort, rollsOver: viewer.role == "admin")
        }
    }
}
