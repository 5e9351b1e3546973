import Casework
import Foundation
import Hummingbird
import Tenancy

/// Students, cohorts and pages by name: what `Ctrl K` asks, and a page of its own.
enum FindPages {
    static let routes: [PageRoute] = [
        .get("/find", .signedIn(.casework)) { visit in
            let work = try visit.call.work()
            let viewer = try await visit.told(work.read(Viewer.reading), in: work)
            let search = try visit.call.query { $0.optional("q", .text(1...200)) }
            var page = FindPage(words: visit.words, search: search)
            page.pages = Menu.places(of: viewer, visit.words).filter { place in
                search.map { place.name.folded.contains($0.folded) } ?? true
            }
            if let search {
                let few = PageRequest(limit: 8)
                var filter = CohortFilter()
                filter.search = search
                let (students, cohorts) = try await work.read(
                    QueueRepository.students(search: search, few, asAdmin: viewer.role == "admin"),
                    CohortRepository.list(filter, few))
                (page.students, page.cohorts) = (students.items, cohorts.items)
            }
            return visit.page(title: visit.words[ShellText.find], viewer: viewer, current: "/find") { page.html }
        }
    ]
}

/// What was found of each kind, the first few.
struct FindPage {
    let words: Catalogue
    let search: String?
    var students: [FoundStudent] = []
    var cohorts: [Cohort] = []
    var pages: [(name: String, address: String)] = []

    @HTMLBuilder var html: HTML {
        pageHead(words[ShellText.find], text: words[ShellText.findText])
        section(.class("card"), .id("find"), .ariaLabel(words[ShellText.find])) {
            SearchField(
                address: "/find", label: words[ShellText.findLabel], value: search ?? "", list: "found",
                offersEarlier: false
            ).html(words)
            div(.class("stack-5"), .id("found"), .livePolite) {
                if students.isEmpty, cohorts.isEmpty, pages.isEmpty {
                    p(.class("empty")) { words[ShellText.findNothing] }
                }
                part(words[StudentText.title], students.map { ("/students/\($0.id)", $0.name, $0.email) })
                part(words[CohortText.title], cohorts.map { ("/cohorts/\($0.id)", $0.name, $0.categoryName) })
                part(words[ShellText.findPages], pages.map { ($0.address, $0.name, nil) })
            }
        }
    }

    @HTMLBuilder private func part(_ heading: String, _ found: [(address: String, name: String, fact: String?)]) -> HTML
    {
        if !found.isEmpty {
            div {
                h2 { heading }
                ul(.class("list-choice")) {
                    for one in found {
                        li {
                            a(.href(one.address)) {
                                bdi { one.name }
                                if let fact = one.fact { small { fact } }
                            }
                        }
                    }
                }
            }
        }
    }
}

extension String {
    /// Without capitals and accents, as searches compare it.
    fileprivate var folded: String { folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil) }
}
