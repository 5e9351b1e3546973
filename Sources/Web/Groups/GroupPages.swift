import Casework
import Hummingbird
import Tenancy

/// Groups: finding, adding, changing, archiving and deleting them.
enum GroupPages {
    static let routes: [PageRoute] = [
        .get("/groups", .signedIn(.members)) { try await list($0) },
        .get("/groups/new", .signedIn(.groups)) { try await new($0) },
        .post("/groups", .signedIn(.groups)) { visit in
            try await visit.attempt {
                let draft = try Fields.read(form: visit.form.fields) { GroupDraft(&$0) }
                let group = try await GroupRepository(work: visit.call.work()).create(draft)
                return visit.redirect("/groups/\(group.id)", done: .created)
            } again: {
                try await new($0)
            }
        },
        .get("/groups/{id}", .signedIn(.members)) { try await show($0) },
        .post("/groups/{id}", .signedIn(.groups)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                let patch = try Fields.read(form: visit.form.fields) { GroupPatch(&$0) }
                _ = try await GroupRepository(work: visit.call.work()).update(id, patch, ifMatch: visit.seenVersion)
                let done = patch.isArchived.map { $0 ? DoneText.archived : .restored } ?? .saved
                return visit.redirect("/groups/\(id)", done: done)
            } again: {
                try await show($0.form["name"] == nil ? $0.untyped : $0)
            }
        },
        .post("/groups/{id}/delete", .signedIn(.groups)) { visit in
            try await visit.attempt {
                try await GroupRepository(work: visit.call.work())
                    .delete(visit.call.id("id"), ifMatch: visit.seenVersion)
                return visit.redirect("/groups", done: .deleted)
            } again: {
                try await show($0.untyped)
            }
        },
    ]

    private static func list(_ visit: Visit) async throws -> Response {
        let (filter, page) = try visit.call.query { (GroupFilter(&$0), $0.page()) }
        let (viewer, groups, departments) = try await visit.read(
            GroupRepository.list(filter, page), DepartmentRepository.list(search: nil, PageRequest(limit: 200)))
        let list = GroupListPage(
            visit: visit, groups: groups, departments: departments.items, filter: filter,
            mayAdd: ["admin", "director"].contains(viewer.role))
        return visit.page(title: visit.words[GroupText.heading], viewer: viewer, current: "/groups") { list.html }
    }

    private static func new(_ visit: Visit) async throws -> Response {
        let (viewer, own) = try await visit.read(DepartmentRepository.forGroups())
        return visit.page(title: visit.words[GroupText.new], viewer: viewer, current: "/groups") {
            GroupForm(visit: visit, viewer: viewer, departments: own).new
        }
    }

    /// A group with its members, as far as they are the viewer's to keep.
    static func show(_ visit: Visit) async throws -> Response {
        let id = try visit.call.id("id")
        let (search, page) = try visit.call.query { ($0.optional("q", .text(1...200)), $0.page()) }
        let (viewer, group, departments, own, kept) = try await visit.read(
            GroupRepository.find(id), DepartmentRepository.list(search: nil, PageRequest(limit: 200)),
            DepartmentRepository.forGroups(), MembershipRepository.kept(of: id, page))
        var members: GroupMembers?
        if let kept {
            let found = group.isArchived ? [] : try await people(visit, search, except: kept.items)
            members = GroupMembers(visit: visit, group: group, members: kept, search: search, found: found)
        }
        let shown = GroupPage(
            visit: visit, group: group, department: group.department(among: departments.items)?.name,
            members: members, form: GroupForm(visit: visit, viewer: viewer, departments: own))
        // what was typed, and whose fields have gone because the group was archived or given away meanwhile
        let typed = shown.hasForm ? nil : TypedText(visit.form).shown(visit.words)
        return visit.page(title: group.name, viewer: viewer, current: "/groups", givenBack: typed) { shown.html }
    }

    /// Those of the directory who are found and not members; nobody where nobody is looked for.
    private static func people(
        _ visit: Visit, _ search: String?, except members: [GroupMember]
    ) async throws -> [DirectoryEntry] {
        guard let search else { return [] }
        let known = Set(members.map(\.id))
        let found = try await visit.call.work().read(
            DirectoryRepository.list(search: search, PageRequest(limit: 20)))
        return found.items.filter { !known.contains($0.id) }
    }
}
