import Casework

/// Erasing a student: what goes, what stays, and a field in which an admin says whom.
struct ErasurePage {
    let visit: Visit
    let student: ErasableStudent
    /// IANA name of the viewer's time zone.
    let timeZone: String

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(
            words[ErasureText.title], text: words[ErasureText.text],
            crumbs: breadcrumbs(
                words,
                [
                    Crumb(text: words[AccountText.heading], address: "/accounts"),
                    Crumb(text: student.name, address: "/accounts/\(student.id)"),
                ]))
        if let erasedAt = student.erasedAt {
            section(.class("card")) {
                p { words[ErasureText.erasedOn, ["date": words.instant(erasedAt, zone: timeZone)]] }
            }
        } else if !student.isArchived {
            section(.class("card stack")) {
                p { words[ErasureText.notArchived] }
                p { a(.class("button"), .href("/accounts/\(student.id)")) { words[ErasureText.openAccount] } }
            }
        } else {
            list(.goes, [.goesAccount, .goesAccess, .goesWork, .goesAudit, .goesOthers])
            list(.stays, [.staysRows, .staysReports, .staysExports])
            section(.class("card")) { form }
        }
    }

    private func list(_ title: ErasureText, _ items: [ErasureText]) -> HTML {
        section(.class("card stack"), .labelledBy(title.rawValue)) {
            h2(.id(title.rawValue)) { words[title] }
            ul { for item in items { li { words[item] } } }
        }
    }

    private var form: HTML {
        visit.postForm(.class("form"), to: "/students/\(student.id)/erasure") {
            visit.field(
                Input(
                    name: "confirmation", label: words[ErasureText.confirmation],
                    hint: words[ErasureText.confirmationHint, ["name": student.name, "email": student.email]],
                    isRequired: true, limit: 500))
            actions {
                submitButton(words[ErasureText.erase], .danger)
                a(.class("button quiet"), .href("/accounts/\(student.id)")) { words[ShellText.cancel] }
            }
        }
    }
}
