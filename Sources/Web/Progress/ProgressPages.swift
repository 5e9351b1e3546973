import Casework
import Foundation
import Hummingbird
import Tenancy

/// The staff's queue of completion requests, and the overview of cohorts with the students behind every number.
enum ProgressPages {
    static let routes: [PageRoute] = [
        .get("/queue", .signedIn(.casework)) { try await queue($0) },
        .post("/queue", .signedIn(.casework)) { visit in
            try await visit.attempt {
                let action = ProgressAction(rawValue: visit.form["action"] ?? "")
                guard let action, action == .complete || action == .return || action == .waive else {
                    throw CaseworkError.notFound
                }
                let done = try await take(action, visit.form.fields["item"] ?? [], visit)
                return visit.redirect("/queue", done: done)
            } again: {
                try await queue($0)
            }
        },
        .post("/students/{id}/milestones/{milestone}", .signedIn(.casework)) { visit in
            let student = try visit.call.id("id")
            let item = "\(try visit.call.id("milestone"))-\(student)"
            guard let action = ProgressAction(rawValue: visit.form["action"] ?? ""), action.isForStaff else {
                throw CaseworkError.notFound
            }
            do {
                let done = try await take(action, [item], visit)
                return visit.redirect("/students/\(student)", done: done)
            } catch CaseworkError.invalid(let problems) {
                return try await StudentPages.show(visit.with(problems), student: student)
            }
        },
        .get("/overview", .signedIn(.casework)) { try await overview($0) },
        .get("/cohorts/{id}/progress", .signedIn(.casework)) { try await progress($0) },
    ]

    private static let done: [ProgressAction: String] = [
        .complete: "approved", .return: "returned", .waive: "waived", .reopen: "reopened",
    ]

    private static func take(_ action: ProgressAction, _ items: [String], _ visit: Visit) async throws -> String {
        let comment = try Fields.read(form: ["comment": visit.form.fields["comment"] ?? []]) {
            $0.optional("comment", .text(1...10_000, multiline: true))
        }
        guard !items.isEmpty else { throw CaseworkError.invalid("item", visit.words.text("progress.chooseFirst")) }
        let repository = ProgressRepository(work: try visit.call.work())
        for item in items.prefix(500) {
            let ids = item.split(separator: "-").compactMap { Int($0) }
            guard ids.count == 2 else { throw CaseworkError.notFound }
            _ = try await repository.take(action, milestone: ids[0], student: ids[1], comment: comment)
        }
        return done[action] ?? "saved"
    }

    private static func queue(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let (items, total, old) = try await QueueRepository(work: visit.call.work()).waiting()
        return try visit.page(
            "progress/queue", title: words.text("progress.queue"), viewer: viewer, current: "/queue",
            [
                "total": words.number(total), "old": words.number(old), "hasItems": !items.isEmpty,
                "totalText": words.text("progress.waiting", n: total),
                "items": items.map { item -> Visit.Model in
                    var model: Visit.Model = [
                        "key": "\(item.milestoneID)-\(item.studentID)", "studentID": String(item.studentID),
                        "student": item.student, "title": item.title, "cohort": item.cohort, "csrf": visit.csrf,
                        "sent": sent(item.sentAt, viewer, words), "due": due(item.dueOn, viewer, words),
                    ]
                    if let comment = item.comment { model["comment"] = comment }
                    return model
                },
            ])
    }

    private static func sent(_ moment: Date, _ viewer: Viewer, _ words: Catalogue) -> String {
        let days = Int(Date().timeIntervalSince(moment) / 86_400)
        return days <= 0 ? words.text("shell.today") : words.text("shell.daysAgo", n: days)
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

    private static func overview(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let cohorts = try await QueueRepository(work: visit.call.work()).overview()
        let totals: [(String, Int)] = [
            ("students", cohorts.reduce(0) { $0 + $1.students }), ("overdue", cohorts.reduce(0) { $0 + $1.overdue }),
            ("waitingShort", cohorts.reduce(0) { $0 + $1.waiting }),
        ]
        let done = cohorts.reduce(0) { $0 + $1.completed }
        let all = max(1, cohorts.reduce(0) { $0 + $1.total })
        return try visit.page(
            "progress/overview", title: words.text("progress.overview"), viewer: viewer, current: "/overview",
            [
                "stats": totals.map {
                    ["label": words.text("progress.\($0.0)"), "value": words.number($0.1)] as Visit.Model
                }
                    + [["label": words.text("progress.completed"), "value": "\(done * 100 / all) %"]],
                "hasCohorts": !cohorts.isEmpty,
                "cohorts": cohorts.map { cohort -> Visit.Model in
                    let total = max(1, cohort.total)
                    return [
                        "id": String(cohort.id), "name": cohort.name, "category": cohort.category,
                        "students": words.number(cohort.students), "overdue": words.number(cohort.overdue),
                        "waiting": words.number(cohort.waiting),
                        "oldest": cohort.oldest.map { sent($0, viewer, words) } ?? "–",
                        "percent": "\(cohort.completed * 100 / total)", "done": "\(cohort.completed * 100 / total)",
                        "late": "\(cohort.overdue * 100 / total)",
                        "lateFrom": "\(cohort.completed * 100 / total)",
                    ]
                },
            ])
    }

    private static func progress(_ visit: Visit) async throws -> Response {
        try await visit.cohortPage("progress/list", tab: "progress") { cohort in
            let viewer = try await visit.viewer()
            let words = visit.words
            let (filter, page) = try visit.call.query { (ProgressFilter(&$0), $0.page()) }
            let rows = try await ProgressRepository(work: visit.call.work()).list(in: cohort.id, filter, page)
            return [
                "hasRows": !rows.items.isEmpty, "pager": visit.pager(rows.next),
                "heading": filter.overdue == true ? words.text("progress.overdue") : words.text("progress.all"),
                "rows": rows.items.map { row -> Visit.Model in
                    [
                        "studentID": String(row.student.id), "student": row.student.name, "title": row.title,
                        "status": words.text("progress.\(row.status.rawValue)"),
                        "kind": StudentPages.kind(row.status, isOverdue: row.isOverdue),
                        "due": due(row.dueOn, viewer, words),
                    ]
                },
            ]
        }
    }
}
