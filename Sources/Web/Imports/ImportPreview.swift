import Casework
import Hummingbird

/// What a file would bring or has brought, how it is read, and the rows that cannot be used, ready to be mended and sent again.
struct ImportPreview {
    let visit: Visit
    let form: ImportForm
    /// Number of the upload that waits.
    let upload: Int
    let format: FileFormat
    /// Nil for a file without a header.
    let sample: FileSample?
    /// Nil for a file whose columns are not known yet.
    var report: ImportReport?
    /// The rows that cannot be used, below the file's header.
    var repair = ""

    private var words: Catalogue { visit.words }
    private var address: String { visit.call.request.uri.path }

    @HTMLBuilder var html: HTML {
        if let report {
            section(.class("card"), .labelledBy("report")) {
                h2(.id("report"), .tabIndex(-1), .data("focus")) {
                    words[report.isDryRun ? ImportText.preview : .left]
                }
                ul(.class("row")) {
                    for (key, count) in counts(report) { li { tag(Tag(text: words[key, n: count])) } }
                }
                if report.isDryRun { storing(report) }
                if !report.failures.isEmpty {
                    h3 { words[ImportText.rejected] }
                    rejected(report)
                    repairing
                }
            }
        }
        if report?.isDryRun ?? true {
            ImportColumns(visit: visit, form: form, upload: upload, format: format, sample: sample).html
        }
    }

    /// Once the others are stored, only what is left counts.
    private func counts(_ report: ImportReport) -> [(key: ImportText, count: Int)] {
        let failed: [(key: ImportText, count: Int)] = [(.failed, report.failed)]
        guard report.isDryRun else { return failed }
        let missing: [(key: ImportText, count: Int)] = report.missing.map { [(.missing, $0)] } ?? []
        return [(.added, report.added), (.updated, report.updated), (.unchanged, report.unchanged)] + failed + missing
    }

    @HTMLBuilder private func storing(_ report: ImportReport) -> HTML {
        let storable = report.added + report.updated
        let missing = form.namesEverybody && report.failed == 0 ? report.missing ?? 0 : 0
        if storable + missing > 0 {
            visit.postForm(.class("form"), .multipart, to: address) {
                hiddenField("step", "store")
                hiddenField("upload", String(upload))
                if missing > 0 {
                    checkbox(
                        "suspend", String(missing), id: "suspend", words[ImportText.suspend, n: missing],
                        isChecked: false)
                    if !report.missingPeople.isEmpty {
                        details {
                            summary { words[ImportText.missingPeople] }
                            ul { for person in report.missingPeople { li { bdi { person } } } }
                        }
                    }
                }
                actions { submitButton(words[ImportText.store, n: storable], .primary) }
                uploadProgress(words)
            }
        }
    }

    private func rejected(_ report: ImportReport) -> HTML {
        let columns: [Column] = [
            .number(words[ImportText.line]), .text(words[FieldText.email]), .text(words[ImportText.why]),
        ]
        return dataTable(.ariaLabel(words[ImportText.rejected]), columns, of: report.failures.prefix(200)) { row in
            words.number(row.line)
            bdi { row.email ?? "" }
            cell {
                tag(Tag(text: result(of: row), tone: .late))
                " \(row.problem.map(words.refusal) ?? "")"
            }
        }
    }

    private func result(of row: ImportFailure) -> String {
        ImportText(rawValue: row.result.rawValue).map { words[$0] } ?? row.result.rawValue
    }

    private var repairing: HTML {
        visit.postForm(.class("form"), .multipart, to: address) {
            div(.class("field")) {
                label(.for("repair")) { words[ImportText.repair] }
                span(.class("hint"), .id("repair-hint")) { words[ImportText.repairHint] }
                textarea(.id("repair"), .name("csv"), .rows(8), .describedBy("repair-hint"), text: repair)
            }
            actions { submitButton(words[ImportText.check]) }
            uploadProgress(words)
        }
    }
}
