import Casework
import Foundation

/// The caseload: a table of students with a form that does something with those that are ticked.
struct StudentListPage {
    let visit: Visit
    let viewer: Viewer
    let filter: StudentFilter
    let list: StudentList
    let choices: StudentChoices
    let views: [SavedView]

    private var words: Catalogue { visit.words }
    private var students: [StudentStanding] { list.page.items }

    @HTMLBuilder var html: HTML {
        pageHead(words[StudentText.title], text: words[StudentText.text]) {
            a(.class("button"), .href(filter.address(of: "/students.csv"))) { words[StudentText.file] }
        }
        SavedViewBar(visit: visit, filter: filter, views: views).html
        StudentFilters(filter: filter, choices: choices, enrolls: viewer.role == "admin", words: words).html
        section(.class("card"), .id("results"), .livePolite, .ariaLabel(words[StudentText.title])) {
            if students.isEmpty {
                emptyState(words[StudentText.none], level: 2) {
                    if filter != StudentFilter() {
                        p { a(.class("button"), .href("/students")) { words[StudentText.everybody] } }
                    }
                }
            } else {
                actionForm
                table
            }
            visit.pager(list.page.next)
        }
    }

    // MARK: What is done with those that are ticked

    private var actionForm: HTML {
        visit.postForm(.id("chosen"), .data("selection"), to: filter.address) {
            div(.class("row")) {
                if students.contains(where: { $0.answerable > 0 }) { button("approve", .approve) }
                if viewer.role != "admin" { button("takeOn", .takeOn) }
                button("addresses", .addresses)
                if viewer.role == "admin", !choices.cohorts.isEmpty { cohort }
                p(.class("quiet")) { words[StudentText.count, n: list.students] }
            }
        }
    }

    private func button(_ action: String, _ text: StudentText) -> HTML {
        submitButton(words[text], .plain, .name("action"), .value(action), .data("selection-action"))
    }

    private var cohort: HTML {
        let problem = visit.typed.problem(of: "cohortId")
        return details(.if(problem != nil, .open)) {
            summary { words[StudentText.changeCohort] }
            div(.class("confirm")) {
                div(.class("field")) {
                    label(.for("cohortId")) { words[ProgressText.cohort] }
                    if let problem { fieldError("cohortId", problem) }
                    select(
                        .id("cohortId"), .name("cohortId"), .if(problem != nil, .invalid),
                        .describedBy(problem.map { _ in "cohortId-error" })
                    ) {
                        option(.value("")) { words[StudentText.chooseCohort] }
                        for cohort in choices.cohorts {
                            option(.value(String(cohort.id)), .if(filter.cohortID == cohort.id, .selected)) {
                                cohort.name
                            }
                        }
                    }
                }
                actions {
                    button("add", .addToCohort)
                    button("remove", .removeFromCohort)
                }
            }
        }
    }

    // MARK: The table

    private var table: HTML {
        let ticked = Set(visit.form.fields["student"] ?? [])
        return dataTable(.ariaLabel(words[StudentText.title])) {
            for student in students { row(student, isTicked: ticked.contains(String(student.id))) }
        } heads: {
            th(.scope("col")) {
                visuallyHidden(words[ProgressText.select])
                input(
                    .type("checkbox"), .data("select-all", "chosen"), .ariaLabel(words[ProgressText.selectAll]),
                    .hidden)
            }
            for column in StudentOrder.Column.allCases where column != .studentNumber { head(column) }
        }
    }

    /// A column's head sorts by it; the one it is sorted by turns the other way. The number stands below the name.
    private func head(_ column: StudentOrder.Column) -> HTML {
        let columns = column == .name ? [.name, .studentNumber] : [column]
        return th(
            .scope("col"), .if(column.isNumber, .class("number")),
            .if(columns.contains(filter.order.column), .ariaSort(filter.order.isDescending))
        ) {
            for column in columns {
                let isCurrent = filter.order.column == column
                let next = StudentOrder(
                    column, descending: isCurrent ? !filter.order.isDescending : column.startsDescending)
                a(.class("sort"), .if(isCurrent, .current), .href(filter.sorted(next).address)) {
                    words[column.text]
                    if isCurrent { span(.ariaHidden) { filter.order.isDescending ? " ↓" : " ↑" } }
                }
                if column != columns.last { " · " }
            }
        }
    }

    private func row(_ student: StudentStanding, isTicked: Bool) -> HTML {
        tr {
            td {
                input(
                    .type("checkbox"), .form("chosen"), .name("student"), .value(String(student.id)),
                    .if(isTicked, .checked), .ariaLabel("\(words[ProgressText.select]): \(student.name)"))
            }
            th(.scope("row")) {
                a(.href("/students/\(student.id)")) { bdi { student.name } }
                fact(student.studentNumber ?? student.email)
            }
            cell(.cohort) { student.cohorts.map(\.name).joined(separator: ", ") }
            cell(.progress) {
                if student.total > 0 {
                    meter(
                        percent: student.completed * 100 / student.total,
                        words[
                            ProgressText.doneOf,
                            ["done": words.number(student.completed), "total": words.number(student.total)]])
                }
            }
            cell(.overdue) {
                if student.overdue > 0 { b(.class("late")) { words.number(student.overdue) } } else { "0" }
            }
            cell(.waiting) { words.number(student.waiting) }
            cell(.signedInAt) { student.signedInAt.map { when($0) } ?? HTML(words[StudentText.never]) }
            cell(.contactedAt) { student.contactedAt.map { when($0) } ?? HTML("–") }
        }
    }

    private func cell(_ column: StudentOrder.Column, @HTMLBuilder content: Content) -> HTML {
        td(.if(column.isNumber, .class("number")), .data("label", words[column.text]), content: content)
    }

    private func when(_ moment: Date) -> HTML {
        time(.dateTime(moment.machineText), .title(words.instant(moment, zone: viewer.timeZone))) {
            words.age(of: moment, now: visit.call.now)
        }
    }
}

extension StudentOrder.Column {
    /// What its head says.
    var text: StudentText {
        switch self {
        case .name: .columnName
        case .studentNumber: .number
        case .cohort: .cohorts
        case .progress: .columnProgress
        case .overdue: .columnOverdue
        case .waiting: .columnWaiting
        case .signedInAt: .columnSignedIn
        case .contactedAt: .columnContact
        }
    }

    fileprivate var isNumber: Bool { self == .overdue || self == .waiting }
}
