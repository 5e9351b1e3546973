import Casework
import Hummingbird
import Tenancy

/// The students of a cohort, a group or the whole scope, as the address asks for them.
struct CaseloadList {
    /// What the page offers to show; any other filter of the address works too, and has no link.
    enum Filter: String, CaseIterable {
        case all, dueSoon, overdue, submitted, returned, completed

        /// How the address says it.
        var query: String {
            switch self {
            case .all: ""
            case .dueSoon: "dueWithin=\(ProgressFilter.soon)"
            case .overdue: "overdue=true"
            case .submitted, .returned, .completed: "status=\(rawValue)"
            }
        }

        /// What it asks for.
        var filter: ProgressFilter {
            var filter = ProgressFilter()
            switch self {
            case .all: break
            case .dueSoon: filter.dueWithin = ProgressFilter.soon
            case .overdue: filter.overdue = true
            case .submitted, .returned, .completed: filter.status = ProgressStatus(rawValue: rawValue)
            }
            return filter
        }

        /// What it shows.
        var text: ProgressText {
            switch self {
            case .all: .showAll
            case .dueSoon: .showDueSoon
            case .overdue: .showOverdue
            case .submitted: .showSubmitted
            case .returned: .showReturned
            case .completed: .showCompleted
            }
        }
    }

    let viewer: Viewer
    let page: CaseloadPage
    /// What is shown: *Overdue*.
    let heading: String
    /// Whether it is the first page of everybody.
    let isWhole: Bool

    init(_ visit: Visit, of caseload: Caseload) async throws {
        viewer = try await visit.viewer()
        let (filter, request) = try visit.call.query { (ProgressFilter(&$0), $0.page()) }
        let found = try await CaseloadRepository(work: visit.call.work()).students(
            of: caseload, filter, PageRequest(limit: min(request.limit, 50), after: request.after))
        let chosen = Filter.allCases.first { $0.filter == filter }
        heading = visit.words[chosen?.text ?? .showSome]
        isWhole = filter.isEmpty && request.after == nil
        page = CaseloadPage(
            visit: visit, today: viewer.today, found: found, chosen: chosen, isUnfiltered: filter.isEmpty)
    }
}
