import Casework
import Dates
import Hummingbird

/// A cohort's students: all of them, or those behind one number, with what makes them so.
struct CaseloadPage {
    let visit: Visit
    let today: CalendarDate
    let found: CaseloadStudents
    /// What the page offers to show and shows; nil for any other filter of the address.
    let chosen: CaseloadList.Filter?
    /// Whether everybody is asked for.
    let isUnfiltered: Bool

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        filters(words[ProgressText.show], CaseloadList.Filter.allCases.map(tab))
        card(
            "progress", words[chosen?.text ?? .showSome],
            beside: { p(.class("quiet")) { count } },
            content: {
                if found.page.items.isEmpty { p(.class("empty")) { words[ProgressText.nobody] } } else { list }
                visit.pager(found.page.next)
            })
    }

    private func tab(_ filter: CaseloadList.Filter) -> Tab {
        let path = visit.call.request.uri.path
        return Tab(
            text: words[filter.text], address: filter == .all ? path : "\(path)?\(filter.query)",
            isCurrent: filter == chosen)
    }

    private var count: String {
        let students = words[ProgressText.countStudents, n: found.students]
        return isUnfiltered ? students : "\(students), \(words[ProgressText.countMilestones, n: found.milestones])"
    }

    private var list: HTML {
        let columns: [Column] = [.text(words[ProgressText.student]), .text(words[ProgressText.milestones])]
        return dataTable(.labelledBy("progress"), columns) { for student in found.page.items { row(student) } }
    }

    /// One student. The list of everybody shows what is done and what needs eyes; others show exactly what was asked for.
    private func row(_ found: CaseloadStudent) -> HTML {
        tr {
            th(.scope("row")) {
                a(.href("/students/\(found.student.id)")) { bdi { found.student.name } }
                fact(found.student.email)
            }
            td {
                if isUnfiltered { progressMeter(of: found.milestones, words) }
                ul(.class("marks")) {
                    for entry in found.milestones where !isUnfiltered || needsEyes(entry) { mark(entry) }
                }
            }
        }
    }

    private func needsEyes(_ entry: ProgressEntry) -> Bool {
        entry.isOverdue || entry.status == .submitted || entry.status == .returned
    }

    private func mark(_ entry: ProgressEntry) -> HTML {
        li {
            "\(entry.title) "
            if entry.status != .open {
                tag(Tag(text: words[entry.status.text], tone: entry.status.tone(isOverdue: entry.isOverdue)))
            }
            if entry.status == .open || entry.status == .returned {
                " "
                tag(words.dueTag(entry.dueOn, today: today))
            }
        }
    }
}
