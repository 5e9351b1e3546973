import Casework
import Hummingbird
import Tenancy

/// Finding students in scope, and one student's record: cohorts, milestones and steps taken there, network, and why one
/// sees it.
enum StudentPages {
    static let routes: [PageRoute] = [
        .get("/students", .signedIn(.casework)) { visit in
            let viewer = try await visit.viewer()
            let (search, page) = try visit.call.query { ($0.optional("q", .text(1...200)), $0.page()) }
            let students = try await QueueRepository(work: visit.call.work())
                .students(search: search, page, asAdmin: viewer.role == "admin")
            return try visit.page(
                "students/list", title: visit.words.text("students.title"), viewer: viewer, current: "/students",
                [
                    "search": search ?? "", "hasStudents": !students.items.isEmpty, "pager": visit.pager(students.next),
                    "students": students.items.map { student -> Visit.Model in
                        [
                            "id": String(student.id), "name": student.name, "email": student.email,
                            "number": student.studentNumber ?? "",
                        ]
                    },
                ])
        },
        .get("/students/{id}", .signedIn(.casework)) { visit in
            try await show(visit, student: visit.call.id("id"))
        },
        .get("/students/{id}/milestones/{milestone}", .signedIn(.casework)) { try await history($0) },
        .post("/students/{id}/milestones/{milestone}", .signedIn(.casework)) { visit in
            let student = try visit.call.id("id")
            let milestone = try visit.call.id("milestone")
            do {
                let answer = try QueueAnswer(visit, on: ProgressKey(milestone: milestone, student: student))
                let answers = try await answer.give(visit)
                if let refused = answers.refused.first {
                    let says = FieldProblem(field: "", detail: QueueAnswer.says(refused, visit.words))
                    return try await show(visit.with([says]), student: student)
                }
                return visit.redirect("/students/\(student)", done: answer.done)
            } catch CaseworkError.invalid(let problems) {
                // the page has such a field for each milestone
                let placed = visit.with(problems) { $0.isEmpty ? "" : "\($0)-\(milestone)" }
                return try await show(placed, student: student)
            }
        },
    ]

    static func show(_ visit: Visit, student: Int) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let work = try visit.call.work()
        let record = try await StudentRepository(work: work).read(student)
        let background = try await StudentRepository(work: work).background(of: student)
        let name = "\(record.account.givenName) \(record.account.familyName)".trimmingSpaces
        let cohorts = Dictionary(record.cohorts.map { ($0.id, $0.name) }) { first, _ in first }
        let counted = record.milestones.filter { $0.status != .waived }
        let done = counted.count { $0.status == .completed }
        var model: Visit.Model = [
            "name": name, "email": record.account.email, "number": record.account.studentNumber ?? "",
            "initials": name.initials, "suspended": record.account.status == "suspended",
            "cohorts": record.cohorts.map {
                ["id": String($0.id), "name": $0.name, "category": $0.category] as Visit.Model
            },
            "hasMilestones": !record.milestones.isEmpty,
            "doneOf": words.text("progress.doneOf", ["done": "\(done)", "total": "\(counted.count)"]),
            "percent": String(counted.isEmpty ? 0 : done * 100 / counted.count),
            "milestones": record.milestones.map { item in
                let acts = background.acting.contains(item.cohortID)
                return milestone(item, cohort: cohorts[item.cohortID] ?? "", acts: acts, visit, viewer)
            },
            "hasNetwork": !record.network.members.isEmpty,
            "network": record.network.groups.map { members -> Visit.Model in
                [
                    "group": members.first?.group ?? "",
                    "people": members.map { PersonModel(words: words).model(name: $0.name, card: $0.card) },
                ]
            },
            "hasSteps": !background.steps.isEmpty, "hasMoreSteps": background.hasMore,
            "steps": background.steps.map { step -> Visit.Model in
                self.step(step.event, visit, viewer).merging(["title": step.title]) { $1 }
            },
            "why": background.why.isEmpty
                ? [words.text(viewer.role == "admin" ? "students.whyAdmin" : "students.whyRole")]
                : background.why.map { reason in
                    words.text(
                        reason.isMember ? "students.why" : "students.whyDirects",
                        ["group": reason.group, "cohort": reason.cohort])
                },
        ]
        // a word that was refused, and whose field has gone with what it was about
        let shown = record.milestones.contains { item in
            item.milestoneID == visit.sentMilestone && background.acting.contains(item.cohortID)
        }
        if !shown { model["givenBack"] = TypedText.shown([(words.label("comment"), visit.form["comment"] ?? "")]) }
        if viewer.role == "admin" { model["looks"] = try await looks(visit, viewer, student) }
        return try visit.page("students/show", title: name, viewer: viewer, current: "/students", model)
    }

    /// Who read this student's record, for admins.
    private static func looks(_ visit: Visit, _ viewer: Viewer, _ student: Int) async throws -> Visit.Model {
        var filter = AuditFilter()
        filter.subject = "student/\(student)"
        let entries = try await AuditRepository(work: visit.call.work()).list(filter, PageRequest(limit: 20))
        return [
            "all": "/audit?subject=\("student/\(student)".percentEncoded)",
            "entries": entries.items.map { entry -> Visit.Model in
                [
                    "who": entry.actorName ?? visit.words.text("students.somebody"), "machine": entry.at.machineText,
                    "at": visit.words.instant(entry.at, zone: viewer.timeZone),
                ]
            },
        ]
    }

    private static func milestone(
        _ item: ProgressEntry, cohort: String, acts: Bool, _ visit: Visit, _ viewer: Viewer
    ) -> Visit.Model {
        let words = visit.words
        let actions = [ProgressAction.complete, .return, .waive, .reopen].filter {
            acts && $0.sources(asStudent: false).contains(item.status)
        }
        var model: Visit.Model = [
            "id": String(item.milestoneID), "student": String(item.student.id), "title": item.title,
            "cohort": cohort, "status": words.text("progress.\(item.status.rawValue)"),
            "kind": ProgressPages.kind(item.status, isOverdue: item.isOverdue),
            "version": String(item.version.number), "csrf": visit.csrf, "hasActions": !actions.isEmpty,
            "actions": actions.map { action -> Visit.Model in
                var entry: Visit.Model = [
                    "action": action.rawValue, "label": words.text("progress.do-\(action.rawValue)"),
                ]
                if action == .complete { entry["primary"] = true }
                return entry
            },
        ]
        if let problem = visit.problems.first(where: { $0.field == "comment-\(item.milestoneID)" }) {
            model["error"] = problem.detail
        }
        if item.milestoneID == visit.sentMilestone, !visit.problems.isEmpty {
            model["sent"] = ["text": visit.form["comment"] ?? ""]
        }
        if let comment = item.comment { model["comment"] = comment }
        let date = item.dueOn.map { words.shortDate($0, today: viewer.today) }
        if item.status == .open || item.status == .returned {
            let due = ProgressPages.due(item.dueOn, viewer, words)
            model["due"] = due
            // a day far away is said by the tag itself
            if let date, due["label"] as? String != date { model["date"] = date }
        } else {
            model["date"] = date
            if let moved = item.updatedAt { model["since"] = words.instant(moved, zone: viewer.timeZone) }
        }
        return model
    }

    /// One step of a history.
    private static func step(_ event: ProgressEvent, _ visit: Visit, _ viewer: Viewer) -> Visit.Model {
        let words = visit.words
        var entry: Visit.Model = [
            "at": words.instant(event.at, zone: viewer.timeZone), "machine": event.at.machineText,
            "who": event.actorName ?? words.text("students.somebody"),
            "kind": ProgressPages.kind(event.to, isOverdue: false),
            "step": words.text(
                "students.step",
                [
                    "from": words.text("progress.\(event.from.rawValue)"),
                    "to": words.text("progress.\(event.to.rawValue)"),
                ]),
        ]
        if let comment = event.comment { entry["comment"] = comment }
        return entry
    }

    private static func history(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let student = try visit.call.id("id")
        let (progress, events) = try await ProgressRepository(work: visit.call.work())
            .history(of: visit.call.id("milestone"), student: student)
        return try visit.page(
            "students/history", title: progress.title, viewer: viewer, current: "/students",
            [
                "student": progress.student.name, "studentID": String(student), "milestone": progress.title,
                "hasEvents": !events.isEmpty,
                "events": events.reversed().map { step($0, visit, viewer) },
            ])
    }
}

extension Visit {
    /// The milestone whose form was sent.
    fileprivate var sentMilestone: Int? { call.request.method == .post ? try? call.id("milestone") : nil }
}
