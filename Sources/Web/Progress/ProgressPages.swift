import Casework
import Foundation
import HTTPTypes
import Hummingbird
import Tenancy

/// The staff's queue of completion requests, answered one by one or many at once, and steps taken on a student's page.
enum ProgressPages {
    static let routes: [PageRoute] = [
        .get("/queue", .signedIn(.casework)) { try await queue($0) },
        .post("/queue", .signedIn(.casework)) { visit in
            do {
                let answer = try QueueAnswer(visit)
                guard answer.action != .reopen else { throw CaseworkError.notFound }
                let answers = try await answer.give(visit)
                guard answers.refused.isEmpty else {
                    return try await queue(visit, answer.report(answers, visit), refused: answers.refused.map(\.key))
                }
                return visit.redirect(try here(visit), done: answer.done, count: answers.done)
            } catch CaseworkError.invalid(let problems) {
                return try await queue(visit.with(problems))
            }
        },
        .post("/students/{id}/milestones/{milestone}", .signedIn(.casework)) { visit in
            let student = try visit.call.id("id")
            let milestone = try visit.call.id("milestone")
            do {
                let answer = try QueueAnswer(visit, on: ProgressKey(milestone: milestone, student: student))
                let answers = try await answer.give(visit)
                if let refused = answers.refused.first {
                    throw CaseworkError.invalid("", QueueAnswer.says(refused, visit.words))
                }
                return visit.redirect("/students/\(student)", done: answer.done)
            } catch CaseworkError.invalid(let problems) {
                // the page has such a field for each milestone
                let placed = problems.map {
                    FieldProblem(field: $0.field.isEmpty ? "" : "\($0.field)-\(milestone)", detail: $0.detail)
                }
                return try await StudentPages.show(visit.with(placed), student: student)
            }
        },
    ]

    /// How many requests one page shows: what a person reads, and what travels in 60 KiB.
    private static let shown = 40

    /// - Parameter refused: what could not be answered; it stays ticked, and what was typed stays in its field, or stands
    ///   above where that has gone with its request.
    private static func queue(
        _ visit: Visit, _ report: Visit.Model? = nil, refused: [ProgressKey]? = nil
    ) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let work = try visit.call.work()
        let place = try visit.call.query { $0.page().after }
        let (page, total, old) = try await QueueRepository(work: work)
            .waiting(PageRequest(limit: shown, after: place))
        let items = page.items
        // what stood here has been answered: the queue goes on at its beginning
        if items.isEmpty, place != nil, visit.call.request.method != .post { return visit.redirect("/queue") }
        let names = Set(items.map { QueueAnswer.field($0.key) })
        let orphans = visit.form.fields.filter { name, _ in
            name == "comment" ? items.isEmpty : name.hasPrefix("comment-") && !names.contains(name)
        }
        let ticked = Set(visit.form.fields["item"] ?? [])
        var model: Visit.Model = [
            "total": words.number(total), "old": words.number(old),
            "hasItems": !items.isEmpty, "totalText": words.text("progress.waiting", n: total),
            "many": visit.field("comment"), "here": try here(visit), "pager": visit.pagerModel(page.next),
            "items": items.map { item -> Visit.Model in
                let key = "\(item.milestoneID)-\(item.studentID)-\(item.version.number)"
                let note = visit.field(QueueAnswer.field(item.key))
                var model: Visit.Model = [
                    "key": key, "studentID": String(item.studentID), "student": item.student, "title": item.title,
                    "cohort": item.cohort, "sent": sent(item.sentAt, visit), "due": due(item.dueOn, viewer, words),
                    "note": note,
                ]
                if let comment = item.comment { model["comment"] = comment }
                if refused?.contains(item.key) ?? ticked.contains(key) { model["ticked"] = true }
                if note["error"] != nil || visit.isTyped(QueueAnswer.field(item.key)) { model["opened"] = true }
                return model
            },
        ]
        if visit.isTyped("comment") { model["manyOpened"] = true }
        model["givenBack"] =
            GivenBack(
                orphans.sorted { $0.key < $1.key }.flatMap { name, values in values.map { (words.label(name), $0) } })?
            .model
        if total > items.count {
            model["more"] = words.text(
                place == nil ? "progress.more" : "progress.moreLater",
                ["shown": words.number(items.count), "total": words.number(total)])
        }
        if let report { model["report"] = report }
        // Whose students are thousands looks at the overview; counting them here, each time, would make the queue wait.
        if viewer.role != "admin", let caseload = try await CaseloadRepository(work: work).summary(upTo: 2_000) {
            model["caseload"] = [
                "facts": words.text("progress.inScope", n: caseload.students),
                "overdue": words.number(caseload.overdue),
                "onTime": caseload.past == 0 ? "–" : "\(caseload.onTime * 100 / caseload.past) %",
            ]
        }
        return try visit.page(
            "progress/queue", title: words.text("progress.queue"), viewer: viewer, current: "/queue", model)
    }

    /// The address of this part of the queue, to which an answer comes back.
    private static func here(_ visit: Visit) throws -> String {
        try visit.call.query { $0.page().after }.map { "/queue?cursor=\($0)" } ?? "/queue"
    }

    /// How long ago something was sent.
    static func sent(_ moment: Date, _ visit: Visit) -> String {
        let days = Int(visit.call.now.timeIntervalSince(moment) / 86_400)
        return days <= 0 ? visit.words.text("shell.today") : visit.words.text("shell.daysAgo", n: days)
    }

    /// A tag for a due date: words first, colour second.
    static func due(_ date: CalendarDay?, _ viewer: Viewer, _ words: Catalogue) -> Visit.Model {
        guard let date else { return ["label": words.text("dashboard.noDue"), "kind": ""] }
        let days = viewer.today.dayNumber - date.dayNumber
        if days > 0 { return ["label": words.text("dashboard.overdue", n: days), "kind": "late"] }
        return [
            "label": days > -14
                ? words.relative(date, today: viewer.today) : words.shortDate(date, today: viewer.today),
            "kind": days >= -7 ? "warn" : "",
        ]
    }
}
