import Casework
import Foundation

/// What comes between choosing students and doing something with them: what waits of them, or their addresses.
struct ChosenStudentsPage {
    let visit: Visit
    /// The list to go back to.
    let filter: StudentFilter

    private var words: Catalogue { visit.words }

    private func head(_ title: String, _ text: String) -> HTML {
        pageHead(
            title, text: text,
            crumbs: breadcrumbs(words, [Crumb(text: words[StudentText.title], address: filter.address)]))
    }

    private var back: HTML { a(.class("button quiet"), .href(filter.address)) { words[StudentText.backToList] } }

    /// Each request that the viewer may answer, to be approved together.
    @HTMLBuilder func approval(of waiting: [QueueItem]) -> HTML {
        head(words[StudentText.approve], words[StudentText.approveText])
        section(.class("card"), .ariaLabel(words[StudentText.approve])) {
            if waiting.isEmpty {
                emptyState(words[StudentText.nothingWaits], level: 2) { p { back } }
            } else {
                visit.postForm(.id("answers"), .data("selection"), to: filter.address(of: "/students/approve")) {
                    table(of: waiting)
                    actions {
                        submitButton(
                            words[ProgressText.approveSelected], .primary, .name("action"), .value("complete"),
                            .data("selection-action"))
                        back
                    }
                }
            }
        }
    }

    private func table(of waiting: [QueueItem]) -> HTML {
        let columns: [Column] = [
            .text(words[ProgressText.select]), .name(words[ProgressText.student]), .text(words[ProgressText.milestone]),
            .text(words[ProgressText.note]),
        ]
        return dataTable(.ariaLabel(words[StudentText.approve]), columns, of: waiting) { item in
            input(
                .type("checkbox"), .name("item"), .value(item.name), .checked,
                .ariaLabel("\(words[ProgressText.select]): \(item.student), \(item.title)"))
            a(.href("/students/\(item.studentID)")) { bdi { item.student } }
            cell {
                item.title
                fact(item.cohort)
            }
            cell {
                item.comment ?? ""
                submittedFiles(item.files, words)
            }
        }
    }

    /// The addresses in a field, to be copied into a mail program.
    @HTMLBuilder func addresses(_ addresses: [String]) -> HTML {
        head(words[StudentText.addresses], words[StudentText.addressesText, n: addresses.count])
        section(.class("card stack"), .ariaLabel(words[StudentText.addresses])) {
            textarea(
                .id("addresses"), .rows(12), .readOnly, .ariaLabel(words[StudentText.addresses]), .data("focus"),
                text: addresses.joined(separator: ",\n"))
            p { back }
        }
    }
}
