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
                _ = try await GroupRepository(work: visit.call.work()).update(id, patch, ifMatch: .any)
                let done = patch.isArchived.map { $0 ? DoneText.archived : .restored } ?? .saved
                return visit.redirect("/groups/\(id)", done: done)
            } again: {
                try await show($0.form["name"] == nil ? $0.untyped : $0)
            }
        },
        .post("/groups/{id}/delete", .signedIn(.groups)) { visit in
            try await visit.attempt {
                try await GroupRepository(work: visit.call.work()).delete(visit.call.id("id"), ifMatch: .any)
                return visit.redirect("/groups", done: .deleted)
            } again: {
                try await show($0.untyped)
            }
        },
    ]

    private static func list(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let (filter, page) = try visit.call.query { (GroupFilter(&$0), $0.page()) }
        let groups = try await GroupRepository(work: visit.call.work()).list(filter, page)
        let departments = try await departments(visit)
        return try visit.page(
            "groups/list", title: words.text("groups.heading"), viewer: viewer, current: "/groups",
            [
                "search": filter.search ?? "", "showsArchived": filter.isArchived, "mayAdd": mayEdit(viewer),
                "hasGroups": !groups.items.isEmpty, "pager": visit.pagerModel(groups.next),
                "groups": groups.items.map { group -> Visit.Model in
                    [
                        "group": String(group.id), "groupName": group.name,
                        "department": departments.first { $0.id == group.departmentID }?.name ?? "",
                        "does": group.description ?? "",
                    ]
                },
            ])
    }

    private static func new(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        return try visit.page(
            "groups/new", title: visit.words.text("groups.new"), viewer: viewer, current: "/groups",
            ["fields": visit.inputs(try await fields(visit, viewer, group: nil))])
    }

    /// A group with its members, as far as they are the viewer's to keep.
    static func show(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let group = try await GroupRepository(work: visit.call.work()).find(visit.call.id("id"))
        let departments = try await departments(visit)
        let members = try await GroupMemberPages.model(visit, viewer, group)
        var model: Visit.Model = [
            "group": String(group.id), "groupName": group.name, "archived": group.isArchived,
            "department": departments.first { $0.id == group.departmentID }?.name ?? words.text("groups.noDepartment"),
            "does": group.description ?? "", "foreign": members == nil, "toggle": group.isArchived ? "false" : "true",
        ]
        if let members {
            model["keeping"] = members
            if group.isEditable {
                model["editing"] = ["fields": visit.inputs(try await fields(visit, viewer, group: group))]
            }
        }
        return try visit.page("groups/show", title: group.name, viewer: viewer, current: "/groups", model)
    }

    private static func mayEdit(_ viewer: Viewer) -> Bool { ["admin", "director"].contains(viewer.role) }

    private static func departments(_ visit: Visit) async throws -> [Department] {
        try await DepartmentRepository(work: visit.call.work()).list(search: nil, PageRequest(limit: 200)).items
    }

    private static func fields(_ visit: Visit, _ viewer: Viewer, group: Group?) async throws -> [Input] {
        let words = visit.words
        let departments = try await DepartmentRepository(work: visit.call.work()).forGroups()
        return [
            Input(
                name: "name", label: words.text("groups.name"), hint: words.text("groups.nameHint"), value: group?.name,
                isRequired: true, limit: 200),
            Input(
                name: "description", label: words.text("groups.does"), kind: .text, value: group?.description,
                limit: 10_000),
            Input(
                name: "departmentId", label: words.text("groups.department"), hint: words.text("groups.departmentHint"),
                kind: .choice([("", words.text("groups.noDepartment"))] + departments.map { (String($0.id), $0.name) }),
                value: group?.departmentID.map(String.init), isRequired: viewer.role == "director"),
        ]
    }
}
