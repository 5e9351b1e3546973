import Casework
import Dates
import Hummingbird
import Tenancy

/// A cohort's students with their milestones, as the address asks for them.
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

    private let visit: Visit
    private let filter: ProgressFilter
    private let request: PageRequest

    /// - Throws: `CaseworkError.invalid` for an address that asks for nothing there is.
    init(_ visit: Visit) throws {
        self.visit = visit
        (filter, request) = try visit.call.query { (ProgressFilter(&$0), $0.page()) }
    }

    /// What the page offers and shows; nil for any other filter of the address.
    private var chosen: Filter? { Filter.allCases.first { $0.filter == filter } }

    /// Whether it is the first page of everybody.
    var isWhole: Bool { filter.isEmpty && request.after == nil }

    func reading(of caseload: Caseload) throws -> Reading<CaseloadStudents> {
        try CaseloadRepository.students(
            of: caseload, filter, PageRequest(limit: min(request.limit, 50), after: request.after))
    }

    func html(_ found: CaseloadStudents, today: CalendarDate) -> HTML {
        CaseloadPage(visit: visit, today: today, found: found, chosen: chosen, isUnfiltered: filter.isEmpty).html
    }
}
