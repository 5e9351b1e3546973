import Casework
import Hummingbird
import Tenancy

/// Who works here and how to reach them: for everybody, and before visibility the student's only page.
enum DirectoryPages {
    static let routes: [PageRoute] = [
        .get("/directory", .signedIn(.any)) { visit in
            let viewer = try await visit.viewer()
            let words = visit.words
            let (search, page) = try visit.call.query { ($0.optional("q", .text(1...200)), $0.page()) }
            let people = try await DirectoryRepository(work: visit.call.work()).list(search: search, page)
            return try visit.page(
                viewer.role == "student" ? "directory/student" : "directory/app",
                title: words.text("people.directoryTitle"),
                viewer: viewer, current: "/directory",
                [
                    "search": search ?? "", "hasPeople": !people.items.isEmpty, "pager": visit.pagerModel(people.next),
                    "home": viewer.studentVisibility,
                    "people": people.items.map { entry -> Visit.Model in
                        var model = PersonModel(words: words).model(name: entry.name, card: entry.card)
                        if !entry.groups.isEmpty { model["groups"] = entry.groups.joined(separator: " · ") }
                        return model
                    },
                ])
        },
        .get("/files/{id}", .signedIn(.readers)) { visit in
            let files = FileRepository(work: try visit.call.work())
            let (file, start) = try await files.open(visit.call.id("id"))
            return Response(
                status: .ok, headers: FileAPI.headers(of: file), body: FileAPI.body(of: file, start: start, from: files)
            )
        },
    ]
}
