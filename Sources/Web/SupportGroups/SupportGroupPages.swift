import Casework
import Hummingbird
import Tenancy

/// A cohort's support groups: who helps, attaching one after another, detaching.
enum SupportGroupPages {
    static let routes: [PageRoute] = [
        .get("/cohorts/{id}/support-groups", .signedIn(.casework)) { visit in
            let groups = try SupportGroupRepository.attached(to: visit.call.id("id"), visit.call.page())
            return try await visit.cohortPage(.supportGroups, groups) { cohort, _, groups in
                SupportGroupListPage(visit: visit, cohort: cohort, groups: groups).html
            }
        },
        .get("/cohorts/{id}/attach", .signedIn(.editors)) { try await choose($0) },
        .post("/cohorts/{id}/attach", .signedIn(.editors)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                guard visit.form["group"] != nil else {
                    throw CaseworkError.invalid("group", .groupNotChosen)
                }
                let group = try Fields.read(form: visit.form.fields) { $0.required("group", .id) }
                try await SupportGroupRepository(work: visit.call.work()).attach(group, to: id)
                return visit.redirect("/cohorts/\(id)/support-groups", done: .attached)
            } again: {
                try await choose($0)
            }
        },
        .post("/cohorts/{id}/detach", .signedIn(.editors)) { visit in
            let id = try visit.call.id("id")
            let group = try Fields.read(form: visit.form.fields) { $0.required("group", .id) }
            try await SupportGroupRepository(work: visit.call.work()).detach(group, from: id)
            return visit.redirect("/cohorts/\(id)/support-groups", done: .detached)
        },
    ]

    /// The groups that can be attached, of which one is chosen.
    private static func choose(_ visit: Visit) async throws -> Response {
        let (search, page) = try visit.call.query { ($0.optional("q", .text(1...200)), $0.page()) }
        let groups = try SupportGroupRepository.available(to: visit.call.id("id"), search: search, page)
        return try await visit.cohortPage(.attach, groups) { cohort, _, groups in
            AttachGroupPage(visit: visit, cohort: cohort.id, groups: groups, search: search).html
        }
    }
}
