import Casework
import Dates

/// What a student sees first: the next three things, the whole list, and who can help.
struct DashboardPage {
    let visit: Visit
    let dashboard: Dashboard
    /// The student's.
    let name: String
    let today: CalendarDate
    /// The institution's time zone.
    let timeZone: String
    /// The milestone whose form was sent.
    var sent: Int?
    /// The milestone whose extension's form was sent.
    var sentExtension: Int?
    /// What the student has completed and can take back.
    var ownCompletions: [ProgressKey] = []
    /// What the student has sent with milestones.
    var submitted: [SubmittedFile] = []
    /// What stands above the page while an admin previews it. Its links and buttons are then out of use.
    var preview: HTML?

    private var words: Catalogue { visit.words }
    private var isPreview: Bool { preview != nil }

    @HTMLBuilder var html: HTML {
        let toDo = dashboard.milestones.filter(\.isToDo)
        if let preview { preview }
        pageHead(greeting, text: summary(toDo))
        if !dashboard.milestones.isEmpty { progress }
        part("next", .next, Array(toDo.prefix(3)), isNext: true)
        if toDo.isEmpty { quietWord }
        part("later", .later, Array(toDo.dropFirst(3)))
        part("waiting", .waiting, dashboard.milestones.filter { $0.status == .submitted })
        done
        if !dashboard.milestones.isEmpty { zoneNote(timeZone, words) }
        help
        moduleScript(visit.kit.assets[.upload])
    }

    private var greeting: String {
        words[DashboardText.hello, ["name": name.split(separator: " ").first.map(String.init) ?? name]]
    }

    /// What is next and how late it is, or how much is done.
    private func summary(_ toDo: [Dashboard.Item]) -> String {
        let progress = dashboard.progress
        var values = ["done": "\(progress.completed)", "total": "\(progress.total)"]
        guard let next = toDo.first, let due = next.dueOn else { return words[DashboardText.summary, values] }
        values["title"] = next.title
        values["when"] = words.relative(due, today: today)
        switch toDo.count(where: \.isOverdue) {
        case 0: return words[DashboardText.summaryNext, values]
        case 1: return words[DashboardText.summaryOverdue, values, n: today.daysSince1970 - due.daysSince1970]
        case let overdue: return words[DashboardText.summaryManyOverdue, values, n: overdue]
        }
    }

    private var progress: HTML {
        let (completed, total) = dashboard.progress
        let percent = total == 0 ? 0 : completed * 100 / total
        let text = words[
            DashboardText.progress, ["done": "\(completed)", "total": "\(total)", "percent": "\(percent)"]]
        return div {
            progressBar(percent: percent, text)
            p(.class("small")) { text }
        }
    }

    /// What stands where there is nothing to do.
    private var quietWord: HTML {
        let milestones = dashboard.milestones
        let (heading, text): (DashboardText, DashboardText) =
            if milestones.isEmpty {
                (.empty, .emptyText)
            } else if milestones.allSatisfy(\.isDone) {
                (.allDone, .allDoneText)
            } else {
                (.nothingNow, .nothingNowText)
            }
        return emptyCard(words[heading]) { p { words[text] } }
    }

    /// Some milestones below a heading, folded unless they are next; nothing where there are none.
    private func part(_ id: String, _ heading: DashboardText, _ items: [Dashboard.Item], isNext: Bool = false) -> HTML {
        if items.isEmpty { return HTML() }
        if !isNext { return folded(id, heading, items) { cards(of: items, areNext: false) } }
        return section(.labelledBy(id), .class("stack")) {
            h2(.id(id)) { words[heading] }
            cards(of: items, areNext: true)
        }
    }

    /// A part that stands closed, unless the form that comes again is in it.
    private func folded(
        _ id: String, _ heading: DashboardText, _ items: [Dashboard.Item], @HTMLBuilder content: Content
    ) -> HTML {
        let comesAgain = !visit.problems.isEmpty && items.contains { [sent, sentExtension].contains($0.id) }
        return section(.labelledBy(id)) {
            details(.class("fold"), .if(comesAgain, .open)) {
                Web.summary {
                    h2 {
                        span(.id(id)) { words[heading] }
                        span(.class("quiet")) { " · \(words.number(items.count))" }
                    }
                }
                content()
            }
        }
    }

    private func cards(of items: [Dashboard.Item], areNext: Bool) -> HTML {
        ul(.class("stack")) {
            for (place, item) in items.enumerated() {
                MilestoneCard(
                    visit: visit, item: item, files: dashboard.files(of: item.id),
                    submitted: submitted.filter { $0.key.milestone == item.id }, cohort: cohort(of: item),
                    today: today, then: items.dropFirst(place + 1).first?.id ?? items.prefix(place).last?.id,
                    isNext: areNext, isFirst: areNext && place == 0, wasSent: item.id == sent,
                    sentExtension: item.id == sentExtension, isPreview: isPreview
                ).html
            }
        }
    }

    private func cohort(of item: Dashboard.Item) -> String {
        dashboard.cohorts.first { $0.id == item.cohortID }?.name ?? ""
    }

    private var done: HTML {
        let items = dashboard.milestones.filter(\.isDone)
        if items.isEmpty { return HTML() }
        return folded("done", .done, items) {
            ul(.class("card rows")) {
                for item in items {
                    li(.class("row spread"), .id("milestone-\(item.id)"), .tabIndex(-1)) {
                        div {
                            bdi { item.title }
                            " "
                            small { cohort(of: item) }
                            submittedFiles(submitted.filter { $0.key.milestone == item.id }, words)
                        }
                        span(.class("row")) {
                            if let key = ownCompletions.first(where: { $0.milestone == item.id }) {
                                takeBack(item, key)
                            }
                            tag(item.tag(words, today: today))
                        }
                    }
                }
            }
        }
    }

    /// For who has marked it done by mistake.
    private func takeBack(_ item: Dashboard.Item, _ key: ProgressKey) -> HTML {
        visit.postForm(to: "/undo") {
            hiddenField("item", "\(key.milestone)-\(key.student)-\(item.version.number)")
            hiddenField("to", "/dashboard")
            submitButton(words[DashboardText.withdraw], .quiet, of: item.title)
        }
    }

    private var help: HTML {
        section(.labelledBy("help"), .class("stack")) {
            h2(.id("help")) { words[DashboardText.help] }
            div(.class("card")) {
                if dashboard.supportNetwork.members.isEmpty {
                    p(.class("quiet")) {
                        "\(words[DashboardText.noHelp]) "
                        a(.if(!isPreview, .href("/directory"))) { words[ShellText.directory] }
                    }
                } else {
                    supportPeople(dashboard.supportNetwork, words)
                }
            }
        }
    }
}

extension Dashboard.Item {
    /// Whether the next step is the student's.
    var isToDo: Bool { status == .open || status == .returned }

    /// Whether there is no next step.
    var isDone: Bool { status == .completed || status == .waived }

    /// Whether the next step is to be sent to staff, with a note.
    var takesNote: Bool { isToDo && completion == .staff }

    /// Its state; where the student has something to do, the due date.
    func tag(_ words: Catalogue, today: CalendarDate) -> Tag {
        guard isToDo, status == .open || isOverdue else {
            return Tag(text: words[status.text], tone: status.tone(isOverdue: false))
        }
        guard let due = dueOn else { return Tag(text: words[DashboardText.noDue]) }
        let days = today.daysSince1970 - due.daysSince1970
        if days > 0 { return Tag(text: words[DashboardText.overdue, n: days], tone: .late) }
        let values = ["date": words.shortDate(due, today: today), "when": words.relative(due, today: today)]
        return Tag(text: words[DashboardText.due, values], tone: due.isSoon(today) ? .warn : .plain)
    }
}
