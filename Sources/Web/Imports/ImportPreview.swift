import Casework
import Hummingbird

/// What a CSV file would bring or has brought, and the rows that cannot be used, ready to be mended and sent again.
struct ImportPreview {
    let visit: Visit
    let report: ImportReport
    /// Marks the place of the file's text.
    let mark: String
    /// The rows that cannot be used, below the file's header.
    let repair: String

    private var words: Catalogue { visit.words }
    private var address: String { visit.call.request.uri.path }
    private var storable: Int { report.added + report.updated }

    var html: HTML {
        section(.class("card"), .labelledBy("report")) {
            h2(.id("report"), .tabIndex(-1), .data("focus")) {
                words[report.isDryRun ? ImportText.preview : .left]
            }
            ul(.class("row")) {
                for (key, count) in counts { li { tag(Tag(text: words[key, n: count])) } }
            }
            if report.isDryRun, storable > 0 { storing }
            if !report.failures.isEmpty {
                h3 { words[ImportText.rejected] }
                rejected
                repairing
            }
        }
    }

    /// Once the others are stored, only what is left counts.
    private var counts: [(key: ImportText, count: Int)] {
        let failed: [(key: ImportText, count: Int)] = [(.failed, report.failed)]
        guard report.isDryRun else { return failed }
        return [(.added, report.added), (.updated, report.updated), (.unchanged, report.unchanged)] + failed
    }

    private var storing: HTML {
        visit.postForm(.multipart, to: address) {
            hiddenField("step", "store")
            textarea(.name("csv"), .hidden, .ariaLabel("CSV"), text: mark)
            actions { submitButton(words[ImportText.store, n: storable], .primary) }
            uploadProgress(words)
        }
    }

    private var rejected: HTML {
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
