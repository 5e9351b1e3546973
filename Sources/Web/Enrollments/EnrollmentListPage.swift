import Casework

/// A cohort's Students tab.
struct EnrollmentListPage {
    let visit: Visit
    let cohort: Int
    let students: Page<EnrolledStudent>
    let search: String?
    /// Whether the viewer takes students in and out.
    let enrolls: Bool

    private var words: Catalogue { visit.words }

    var html: HTML {
        card(
            "list", words[CohortText.tabStudents],
            beside: { SearchField(label: words[CohortText.findStudent], value: search ?? "").html(words) },
            content: {
                results {
                    if students.items.isEmpty { nobody } else { list }
                    visit.pager(students.next)
                }
            })
    }

    private var nobody: HTML {
        emptyState(words[CohortText.noStudents]) {
            if enrolls {
                p {
                    a(.class("button"), .href("/cohorts/\(cohort)/add-students")) { words[CohortText.tabAddStudents] }
                }
            }
        }
    }

    private var list: HTML {
        var columns: [Column] = [.name(words[CohortText.student]), .text(words[CohortText.number])]
        if enrolls { columns.append(.actions(words[CohortText.actions])) }
        return dataTable(.labelledBy("list"), columns, of: students.items) { student in
            cell {
                a(.href("/students/\(student.id)")) { bdi { student.name } }
                fact(student.email)
            }
            student.studentNumber ?? ""
            if enrolls {
                visit.removal(
                    words[CohortText.remove], of: student.name, words[CohortText.removeText],
                    at: "/cohorts/\(cohort)/students/\(student.id)/remove")
            }
        }
    }
}
