import Casework
import Hummingbird

/// What a file would bring or has brought, how it is read, and the rows that cannot be used, ready to be mended and sent again.
struct ImportPreview {
    let visit: Visit
    let form: ImportForm
    /// Number of the upload that waits.
    let upload: Int
    /// Nil for a package of OneRoster, which is written in one way only.
    let format: FileFormat?
    /// Nil for a file without a header.
    let sample: FileSample?
    /// Nil for a file whose columns are not known yet.
    var report: ImportReport?
    /// The rows that cannot be used, below the file's header.
    var repair = ""
    /// Whether people whom the file adds can be invited by mail.
    var mayInvite = false

    private var words: Catalogue { visit.words }
    private var address: String { visit.call.request.uri.path }

    /// Whether it is a package of several files.
    var isPackage: Bool { format == nil }

    @HTMLBuilder var html: HTML {
        if let report {
            section(.class("card"), .labelledBy("report")) {
                h2(.id("report"), .tabIndex(-1), .data("focus")) {
                    words[report.isDryRun ? ImportText.preview : .left]
                }
                ul(.class("row")) {
                    for (key, count) in counts(report) { li { tag(Tag(text: words[key, n: count])) } }
                }
                for note in report.notes { p { words.refusal(note) } }
                if report.isDryRun {
                    if !form.namesEverybody, !isPackage { missingPeople(report) }
                    storing(report)
                }
                if !report.failures.isEmpty {
                    h3 { words[ImportText.rejected] }
                    table(of: report.failures, words[ImportText.rejected])
                    if !isPackage { repairing }
                }
                if report.isDryRun, !report.archived.isEmpty {
                    h3 { words[ImportText.archived] }
                    table(of: report.archived, words[ImportText.archived])
                }
            }
        }
        if let format, report?.isDryRun ?? true {
            ImportColumns(visit: visit, form: form, upload: upload, format: format, sample: sample).html
        }
    }

    /// Once the others are stored, only what is left counts.
    private func counts(_ report: ImportReport) -> [(key: ImportText, count: Int)] {
        let failed: [(key: ImportText, count: Int)] = [(.failed, report.failed)]
        guard report.isDryRun else {
            return report.invited > 0 ? failed + [(.invited, report.invited)] : failed
        }
        let missing: [(key: ImportText, count: Int)] = report.missing.map { [(.missing, $0)] } ?? []
        let all = [
            (key: ImportText.added, count: report.added), (.updated, report.updated), (.unchanged, report.unchanged),
        ]
        return all + failed + missing + roster(report)
    }

    private func roster(_ report: ImportReport) -> [(key: ImportText, count: Int)] {
        guard let skipped = report.skipped else { return [] }
        let some: [(key: ImportText, count: Int)] = [(.suspended, suspends(report)), (.leaving, report.leaving)]
        return [(.skipped, skipped)] + some.filter { $0.count > 0 }
    }

    /// How many people rows suspend by themselves. (A dry run counts also those who are missing.)
    private func suspends(_ report: ImportReport) -> Int { report.suspended - (report.missing ?? 0) }

    @HTMLBuilder private func storing(_ report: ImportReport) -> HTML {
        let storable = report.added + report.updated
        let missing = form.namesEverybody && report.failed == 0 ? report.missing ?? 0 : 0
        let ticked = isPackage ? max(report.suspended, report.leaving) : missing
        if storable + ticked > 0 {
            visit.postForm(.class("form"), .multipart, to: address) {
                hiddenField("step", "store")
                hiddenField("upload", String(upload))
                if isPackage { hiddenField("suspends", String(max(suspends(report), report.leaving))) }
                if missing > 0 || isPackage && report.failed == 0 && report.leaving > 0 {
                    checkbox(
                        "suspend", String(ticked), id: "suspend",
                        words[isPackage ? ImportText.suspendRoster : .suspend, n: missing], isChecked: false)
                    missingPeople(report)
                }
                if mayInvite, !isPackage, report.added > 0 {
                    checkbox(
                        "invite", "true", id: "invite", words[ImportText.invite, n: report.added], isChecked: false)
                }
                actions { submitButton(words[ImportText.store, n: storable], .primary) }
                uploadProgress(words)
            }
        }
    }

    @HTMLBuilder private func missingPeople(_ report: ImportReport) -> HTML {
        if !report.missingPeople.isEmpty {
            details {
                summary { words[ImportText.missingPeople] }
                ul { for person in report.missingPeople { li { bdi { person } } } }
            }
        }
    }

    private func table(of rows: [ReportedRow], _ title: String) -> HTML {
        let columns: [Column] = [
            .number(words[ImportText.line]), .text(words[FieldText.email]), .text(words[ImportText.why]),
        ]
        return dataTable(.ariaLabel(title), columns, of: rows.prefix(200)) { row in
            bdi { [row.file, words.number(row.line)].compactMap(\.self).joined(separator: " ") }
            bdi { row.email ?? "" }
            cell {
                if row.result != .unchanged { tag(Tag(text: result(of: row), tone: .late)) }
                " \(row.problem.map(words.refusal) ?? "")"
            }
        }
    }

    private func result(of row: ReportedRow) -> String {
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
