import Casework
import Hummingbird
import Tenancy

/// The students of a cohort, a group or the whole scope, all of them or those behind one number, with what makes them so.
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
    }

    let viewer: Viewer
    /// What is shown: *Overdue*.
    let heading: String
    /// Whether it is the first page of everybody.
    let isWhole: Bool
    let model: Visit.Model

    init(_ visit: Visit, of caseload: Caseload) async throws {
        viewer = try await visit.viewer()
        let words = visit.words
        let (filter, page) = try visit.call.query { (ProgressFilter(&$0), $0.page()) }
        let found = try await CaseloadRepository(work: visit.call.work()).students(
            of: caseload, filter, PageRequest(limit: min(page.limit, 50), after: page.after))
        let chosen = Filter.allCases.first { $0.filter == filter }
        heading = words.text("progress.show-\(chosen?.rawValue ?? "some")")
        isWhole = filter.isEmpty && page.after == nil
        let path = visit.call.request.uri.path
        let row = Row(viewer: viewer, words: words, isWhole: filter.isEmpty)
        model = [
            "heading": heading, "hasRows": !found.page.items.isEmpty, "pager": visit.pagerModel(found.page.next),
            "count": filter.isEmpty
                ? words.text("progress.countStudents", n: found.students)
                : words.text("progress.countStudents", n: found.students) + ", "
                    + words.text("progress.countMilestones", n: found.milestones),
            "filters": Filter.allCases.map { entry -> Visit.Model in
                var link: Visit.Model = [
                    "href": entry == .all ? path : "\(path)?\(entry.query)",
                    "label": words.text("progress.show-\(entry.rawValue)"),
                ]
                if entry == chosen { link["current"] = true }
                return link
            },
            "rows": found.page.items.map(row.model),
        ]
    }

    /// One student: of everybody's list what is done and what needs eyes, of another exactly what was asked for.
    private struct Row {
        let viewer: Viewer
        let words: Catalogue
        let isWhole: Bool

        func model(_ found: CaseloadStudent) -> Visit.Model {
            var model: Visit.Model = [
                "studentID": String(found.student.id), "student": found.student.name, "email": found.student.email,
                "milestones": found.milestones.filter { !isWhole || needsEyes($0) }.map(milestone),
            ]
            let counted = found.milestones.filter { $0.status != .waived }
            if isWhole, !counted.isEmpty {
                let done = counted.count { $0.status == .completed }
                model["done"] = [
                    "percent": String(done * 100 / counted.count),
                    "text": words.text("progress.doneOf", ["done": "\(done)", "total": "\(counted.count)"]),
                ]
            }
            return model
        }

        private func needsEyes(_ entry: ProgressEntry) -> Bool {
            entry.isOverdue || entry.status == .submitted || entry.status == .returned
        }

        private func milestone(_ entry: ProgressEntry) -> Visit.Model {
            var model: Visit.Model = [
                "title": entry.title, "status": words.text("progress.\(entry.status.rawValue)"),
                "kind": StudentPages.kind(entry.status, isOverdue: entry.isOverdue),
            ]
            if entry.status == .open || entry.status == .returned {
                model["due"] = ProgressPages.due(entry.dueOn, viewer, words)
                if entry.status == .open { model["status"] = nil }
            }
            return model
        }
    }
}
