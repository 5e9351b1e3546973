import Casework
import Hummingbird
import Tenancy

/// Who works here and how to reach them: for everybody, and before visibility the student's only page.
enum DirectoryPages {
    static let routes: [PageRoute] = [
        .get("/directory", .signedIn(.any)) { visit in
            let (search, page) = try visit.call.query { ($0.optional("q", .text(1...200)), $0.page()) }
            let (viewer, people) = try await visit.read(DirectoryRepository.list(search: search, page))
            return visit.page(title: visit.words[PersonText.directoryTitle], viewer: viewer, current: "/directory") {
                DirectoryPage(visit: visit, people: people, search: search).html
            }
        }
    ]
}
