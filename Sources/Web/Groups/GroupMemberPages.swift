import Casework
import Hummingbird
import Tenancy

/// Who belongs to a group: adding somebody from the directory, naming managers, taking somebody out.
enum GroupMemberPages {
    static let routes: [PageRoute] = [
        .post("/groups/{id}/members", .signedIn(.members)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                let account = try Fields.read(form: visit.form.fields) { $0.required("accountId", .id) }
                try await members(visit).put(account, in: id, MembershipDraft())
                return visit.redirect("/groups/\(id)", done: .added)
            } again: {
                try await GroupPages.show($0.untyped)
            }
        },
        .post("/groups/{id}/members/{account}/manager", .signedIn(.members)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                let draft = try Fields.read(form: visit.form.fields) { MembershipDraft(&$0) }
                try await members(visit).put(visit.call.id("account"), in: id, draft)
                return visit.redirect("/groups/\(id)", done: .saved)
            } again: {
                try await GroupPages.show($0.untyped)
            }
        },
        .post("/groups/{id}/members/{account}/remove", .signedIn(.members)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                try await members(visit).remove(visit.call.id("account"), from: id)
                return visit.redirect("/groups/\(id)", done: .removed)
            } again: {
                try await GroupPages.show($0.untyped)
            }
        },
    ]

    private static func members(_ visit: Visit) throws -> MembershipRepository {
        MembershipRepository(work: try visit.call.work())
    }

    /// The members and the people found for adding; nil where the group is not the viewer's to keep.
    static func model(_ visit: Visit, _ viewer: Viewer, _ group: Group) async throws -> Visit.Model? {
        let words = visit.words
        let (search, page) = try visit.call.query { ($0.optional("q", .text(1...200)), $0.page()) }
        let people: Page<GroupMember>
        do {
            people = try await members(visit).list(of: group.id, page)
        } catch CaseworkError.forbidden {
            return nil
        }
        let naming = group.isEditable
        var model: Visit.Model = [
            "hasMembers": !people.items.isEmpty, "pager": visit.pagerModel(people.next), "open": !group.isArchived,
            "count": words.text("groups.people", n: people.items.count), "search": search ?? "",
            "searched": search != nil,
            "members": people.items.map { member -> Visit.Model in
                [
                    "account": String(member.id), "memberName": member.name, "isManager": member.isManager,
                    "carded": member.card != nil, "keepsCard": member.keepsCard,
                    "cardTitle": member.card?.title ?? "", "naming": naming,
                    "mayRemove": naming || !member.isManager, "flag": member.isManager ? "false" : "true",
                ]
            },
        ]
        if people.items.contains(where: { $0.card == nil }) { model["cardsMissing"] = true }
        if let search, !group.isArchived {
            let found = try await DirectoryRepository(work: visit.call.work())
                .list(search: search, PageRequest(limit: 20))
            let known = Set(people.items.map(\.id))
            let matches = found.items.filter { !known.contains($0.id) }
            model["hasMatches"] = !matches.isEmpty
            model["matches"] = matches.map { entry -> Visit.Model in
                let facts = [entry.card?.title].compactMap { $0 } + entry.groups
                return ["account": String(entry.id), "memberName": entry.name, "about": facts.joined(separator: " · ")]
            }
        }
        return model
    }
}
