import Casework
import Hummingbird
import Tenancy

/// *Create Category*, and a category's name and place.
enum CategoryPages {
    static let routes: [PageRoute] = [
        .get("/categories/new", .signedIn(.editors)) { try await new($0) },
        .post("/categories", .signedIn(.editors)) { visit in
            try await visit.attempt {
                let draft = try Fields.read(form: visit.form.fields) { CategoryDraft(&$0) }
                _ = try await CategoryRepository(work: visit.call.work()).create(draft)
                return visit.redirect("/cohorts", done: .created)
            } again: {
                try await new($0)
            }
        },
        .get("/categories/{id}", .signedIn(.editors)) { try await show($0) },
        .post("/categories/{id}", .signedIn(.editors)) { visit in
            try await visit.attempt {
                // an empty place leaves it where it is
                let sent = visit.form.fields.filter { $0.key != "position" || $0.value != [""] }
                let patch = try Fields.read(form: sent) { CategoryPatch(&$0) }
                _ = try await CategoryRepository(work: visit.call.work())
                    .update(visit.call.id("id"), patch, ifMatch: visit.seenVersion)
                return visit.redirect("/cohorts", done: .saved)
            } again: {
                try await show($0)
            }
        },
        .post("/categories/{id}/delete", .signedIn(.editors)) { visit in
            try await visit.attempt {
                try await CategoryRepository(work: visit.call.work())
                    .delete(visit.call.id("id"), ifMatch: visit.seenVersion)
                return visit.redirect("/cohorts", done: .deleted)
            } again: {
                try await show($0.untyped)
            }
        },
    ]

    private static func new(_ visit: Visit) async throws -> Response {
        visit.page(
            title: visit.words[CohortText.createCategory], viewer: try await visit.viewer(), current: "/cohorts"
        ) {
            CategoryForm(visit: visit).new
        }
    }

    private static func show(_ visit: Visit) async throws -> Response {
        let (viewer, category, order) = try await visit.read(
            CategoryRepository.find(visit.call.id("id")), CategoryRepository.order)
        return visit.page(title: category.name, viewer: viewer, current: "/cohorts") {
            CategoryForm(visit: visit).change(of: category, among: order)
        }
    }
}
