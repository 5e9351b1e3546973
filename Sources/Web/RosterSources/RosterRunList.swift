import Casework

/// Each time that the roster was fetched, with a button for once more.
struct RosterRunList {
    let visit: Visit
    let source: RosterSource
    let runs: [RosterRun]
    let next: Cursor?
    /// Whether the newest run is among these.
    let isFirst: Bool
    /// IANA name of the viewer's time zone.
    let timeZone: String

    private var words: Catalogue { visit.words }
    private let path = "/settings/roster-source/runs"

    init(
        visit: Visit, source: RosterSource, runs: [RosterRun], next: Cursor?, isFirst: Bool, timeZone: String
    ) {
        (self.visit, self.source, self.runs, self.next) = (visit, source, runs, next)
        (self.isFirst, self.timeZone) = (isFirst, timeZone)
    }

    var html: HTML {
        card("runs", words[RosterSourceText.runs]) {
            p {
                if let time = source.nextRunAt {
                    words[RosterSourceText.nextRun, ["time": words.instant(time, zone: timeZone)]]
                } else {
                    words[RosterSourceText.noNextRun]
                }
            }
            if source.isSet { again }
            if runs.isEmpty {
                emptyState(words[RosterSourceText.noRuns]) { p { words[RosterSourceText.noRunsText] } }
            } else {
                list
            }
            visit.pager(next)
        }
    }

    @HTMLBuilder private var again: HTML {
        let isOpen = isFirst && runs.contains { $0.state == .waiting || $0.state == .running }
        if !isOpen {
            visit.postForm(.class("form"), to: path) {
                visit.field(
                    Input(
                        name: "whole", label: words[RosterSourceText.whole], hint: words[RosterSourceText.wholeHint],
                        kind: .check, value: "false"))
                actions { submitButton(words[RosterSourceText.runNow]) }
            }
            if isFirst, let last = runs.first, let fault = last.fault, fault.kind == .stopped, let count = fault.count {
                visit.confirmation(
                    words[RosterSourceText.runAnyway],
                    words[RosterSourceText.runAnywayText, ["count": words.number(count)]], at: path
                ) {
                    visit.postForm(to: path) {
                        if last.isWhole { hiddenField("whole", "true") }
                        hiddenField("mostSuspended", String(count))
                        submitButton(words[RosterSourceText.runAnyway], .danger)
                    }
                }
            }
        }
    }

    private var list: HTML {
        let columns = [RosterSourceText.when, .what, .result, .counts].map { Column.text(words[$0]) }
        return dataTable(.labelledBy("runs"), columns, of: runs) { run in
            time(.dateTime((run.startedAt ?? run.askedAt).machineText)) {
                words.instant(run.startedAt ?? run.askedAt, zone: timeZone)
            }
            cell {
                words[run.isWhole ? RosterSourceText.everything : .changes]
                if let name = run.account?.name {
                    fact(words[RosterSourceText.wantedBy, ["name": name]])
                } else {
                    fact(words[RosterSourceText.byTheHour])
                }
            }
            cell {
                tag(Tag(text: words[run.state.text], tone: run.state == .failed ? .warn : .plain))
                if let fault = run.fault {
                    fact(words.said(fault))
                    if !fault.detail.isEmpty { fact(fault.detail) }
                }
                if run.isShort { fact(words[RosterSourceText.short]) }
                problems(of: run)
            }
            counts(of: run)
        }
    }

    @HTMLBuilder private func problems(of run: RosterRun) -> HTML {
        if !run.problems.isEmpty {
            details {
                summary { words[RosterSourceText.problems] }
                ul { for problem in run.problems { li { bdi { problem } } } }
            }
        }
    }

    private func counts(of run: RosterRun) -> HTML {
        let counts: [(RosterSourceText, Int)] = [
            (.records, run.records), (.added, run.added), (.updated, run.updated), (.unchanged, run.unchanged),
            (.rejected, run.failed), (.skipped, run.skipped), (.suspended, run.suspended), (.leaving, run.leaving),
        ]
        // of a run that fails nothing is stored
        return cell {
            for (key, count) in counts where count > 0 && (run.state != .failed || key == .records || key == .rejected)
            {
                fact(words[key, ["count": words.number(count)]])
            }
        }
    }
}

extension RosterRun.State {
    fileprivate var text: RosterSourceText {
        switch self {
        case .waiting: .waiting
        case .running: .running
        case .done: .done
        case .failed: .failed
        }
    }
}
