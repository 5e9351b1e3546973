import Casework

/// The overview as a CSV file: cohorts, then groups.
struct OverviewFile {
    let words: Catalogue
    let rows: [(what: ProgressText, rows: [CaseloadSummary])]

    var name: String { "\(words[ProgressText.overview]).csv" }

    var bytes: [UInt8] {
        var file = CSVWriter()
        let heads: [ProgressText] = [
            .kind, .name, .within, .students, .past, .pastDone, .planPercent, .planBefore, .overdue, .shareOverdue,
            .waitingShort,
            .completed, .total,
        ]
        file.row(heads.map { words[$0] })
        for part in rows {
            for row in part.rows {
                let plan = [row.planPercent, row.planPercentBefore].map { $0.map(String.init) ?? "" }
                let numbers = [row.students, row.past, row.pastDone].map(String.init)
                let overdue = [String(row.overdue), row.overduePercent.map(String.init) ?? ""]
                let rest = [row.waiting, row.completed, row.total].map(String.init)
                file.row([words[part.what], row.name, row.within] + numbers + plan + overdue + rest)
            }
        }
        return file.drain()
    }
}
