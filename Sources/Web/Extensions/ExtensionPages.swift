import Casework
import Dates
import Hummingbird
import Tenancy

/// The requests for a later date that wait for the viewer.
enum ExtensionPages {
    static let routes: [PageRoute] = [
        .get("/extensions", .signedIn(.casework)) { try await show($0) },
        .post("/extensions/{milestone}/{student}", .signedIn(.casework)) { visit in
            let key = ProgressKey(milestone: try visit.call.id("milestone"), student: try visit.call.id("student"))
            return try await visit.extend(on: key, to: "/extensions") { try await show($0, sent: key) }
        },
    ]

    private static func show(_ visit: Visit, sent: ProgressKey? = nil) async throws -> Response {
        let page = sent == nil ? try visit.call.query { $0.page() } : PageRequest(limit: 50)
        let (viewer, requests) = try await visit.read(ExtensionRepository.waiting(page))
        let list = ExtensionListPage(
            visit: visit, today: viewer.today, requests: requests.items, next: requests.next, sent: sent)
        let hasField = requests.items.contains { $0.key == sent }
        return visit.page(
            title: visit.words[ExtensionText.heading], viewer: viewer, current: "/queue",
            givenBack: hasField ? nil : GivenBack([(visit.words.label("comment"), visit.form["comment"] ?? "")])
        ) {
            list.html
        }
    }
}

/// Each request with the form that answers it.
struct ExtensionListPage {
    let visit: Visit
    let today: CalendarDate
    let requests: [ExtensionRequest]
    let next: Cursor?
    /// Whose form was sent and comes again.
    let sent: ProgressKey?

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(
            words[ExtensionText.heading], text: words[ExtensionText.headingText],
            crumbs: breadcrumbs(words, [Crumb(text: words[ProgressText.queue], address: "/queue")]))
        section(.class("card"), .ariaLabel(words[ExtensionText.heading])) {
            if requests.isEmpty {
                emptyState(words[ExtensionText.none], level: 2) { p { words[ExtensionText.noneText] } }
            } else {
                ul(.class("rows")) { for request in requests { row(request) } }
            }
            visit.pager(next)
        }
    }

    private func row(_ request: ExtensionRequest) -> HTML {
        li(.class("stack"), .id(request.key.anchor), .tabIndex(-1)) {
            div(.class("row spread")) {
                div {
                    a(.href("/students/\(request.studentID)")) { bdi { request.student } }
                    fact("\(request.title) · \(request.cohort)")
                }
                small { words.age(of: request.askedAt, now: visit.call.now) }
            }
            p { days(request) }
            if let reason = request.reason { p(.class("prose")) { "“\(reason)”" } }
            ExtensionForm(
                visit: visit, key: request.key, given: request.given, subject: "\(request.student), \(request.title)",
                address: "/extensions/\(request.milestoneID)/\(request.studentID)",
                comesAgain: sent == request.key && !visit.problems.isEmpty
            ).form
        }
    }

    /// `Due Dec 1, extended to Dec 5. Asks for December 8.`
    private func days(_ request: ExtensionRequest) -> String {
        var said: [String] = []
        if let regular = request.regularDueOn {
            said.append(words[ExtensionText.regular, ["date": words.shortDate(regular, today: today)]])
        }
        if let granted = request.grantedOn {
            said.append(words[ExtensionText.grantedTo, ["date": words.shortDate(granted, today: today)]])
        }
        said.append(words[ExtensionText.asked, ["date": words.date(request.askedFor)]])
        return said.joined(separator: " ")
    }
}
