import Casework
import Hummingbird
import Tenancy

/// A cohort's support groups: who helps, attaching one after another, detaching.
enum SupportGroupPages {
    static let routes: [PageRoute] = [
        .get("/cohorts/{id}/support-groups", .signedIn(.casework)) { visit in
            try await visit.cohortPage("cohorts/support-groups", tab: "support-groups") { cohort in
                let groups = try await SupportGroupRepository(work: visit.call.work())
                    .attached(to: cohort.id, visit.call.page())
                return [
                    "hasGroups": !groups.items.isEmpty, "pager": visit.pager(groups.next),
                    "groups": groups.items.map { group($0, visit, cohort: cohort.id) },
                ]
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
                return visit.redirect("/cohorts/\(id)/support-groups", done: "attached")
            } again: {
                try await choose($0)
            }
        },
        .post("/cohorts/{id}/detach", .signedIn(.editors)) { visit in
            let id = try visit.call.id("id")
            let group = try Fields.read(form: visit.form.fields) { $0.required("group", .id) }
            try await SupportGroupRepository(work: visit.call.work()).detach(group, from: id)
            return visit.redirect("/cohorts/\(id)/support-groups", done: "detached")
        },
    ]

    /// The groups that can be attached, of which one is chosen.
    private static func choose(_ visit: Visit) async throws -> Response {
        try await visit.cohortPage("cohorts/attach", tab: "attach") { cohort in
            let (search, page) = try visit.call.query { ($0.optional("q", .text(1...200)), $0.page()) }
            let groups = try await SupportGroupRepository(work: visit.call.work())
                .available(to: cohort.id, search: search, page)
            var model: Visit.Model = [
                "hasGroups": !groups.items.isEmpty, "pager": visit.pager(groups.next),
                "groups": groups.items.map { group($0, visit, cohort: cohort.id) },
            ]
            if let search { model["search"] = search }
            return model
        }
    }

    private static func group(_ group: SupportGroup, _ visit: Visit, cohort: Int) -> Visit.Model {
        var model: Visit.Model = [
            "cohort": String(cohort), "group": String(group.id), "name": group.name, "csrf": visit.csrf,
            "count": visit.words.text("cohorts.people", n: group.members.count), "hasMembers": !group.members.isEmpty,
            "members": group.members.map { member -> Visit.Model in
                let facts = [member.card?.title, member.card?.office, member.card?.location].compactMap { $0 }
                return [
                    "name": member.name, "initials": member.name.initials,
                    "facts": member.card == nil ? visit.words.text("cohorts.noCard") : facts.joined(separator: " · "),
                ]
            },
        ]
        if !group.members.isEmpty {
            let names = group.members.prefix(3).map(\.name) + (group.members.count > 3 ? ["…"] : [])
            model["names"] = names.joined(separator: ", ")
        }
        return model
    }
}
