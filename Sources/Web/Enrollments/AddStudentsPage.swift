import Casework

/// A cohort's Add Students tab: one by address, many by CSV.
struct AddStudentsPage {
    let visit: Visit
    let cohort: Int
    /// What a file that was sent brought or would bring.
    let report: ImportPreview?

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        if let report { report.html }
        div(.class("halves")) {
            card("one", words[CohortText.addOne]) {
                visit.postForm(.class("form"), to: "/cohorts/\(cohort)/add-students") {
                    visit.field(
                        Input(
                            name: "email", label: words[CohortText.studentEmail],
                            hint: words[CohortText.studentEmailHint], kind: .line(type: "email"), isRequired: true))
                    if visit.problems.contains(where: { $0.code == .addressOfNobody }) {
                        p { a(.href("/imports")) { words[MenuText.imports] } }
                    }
                    actions { submitButton(words[CohortText.addStudent], .primary) }
                }
            }
            card("many", words[CohortText.addMany]) {
                ImportForm(visit: visit, fields: EnrollmentImport.fields).html(
                    to: "/cohorts/\(cohort)/import-students", hint: words[CohortText.csvHint])
                p { a(.href(UploadPages.address)) { words[ImportText.waitingTitle] } }
            }
        }
        moduleScript(visit.kit.assets[.upload])
    }
}
