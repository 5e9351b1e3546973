import Casework
import Hummingbird
import Tenancy

/// Finding students in scope, and one student's record: cohorts, milestones, network, and why one sees it.
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
    ]

    static func show(_ visit: Visit, student: Int) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let record = try await StudentRepository(work: visit.call.work()).read(student)
        let name = "\(record.account.givenName) \(record.account.familyName)".trimmingSpaces
        let groups = Dictionary(
            record.network.members.map { ($0.groupID, $0.group) }, uniquingKeysWith: { first, _ in first })
        let cohorts = Dictionary(uniqueKeysWithValues: record.cohorts.map { ($0.id, $0.name) })
        return try visit.page(
            "students/show", title: name, viewer: viewer, current: "/students",
            [
                "name": name, "email": record.account.email, "number": record.account.studentNumber ?? "",
                "initials": name.initials,
                "cohorts": record.cohorts.map {
                    ["id": String($0.id), "name": $0.name, "category": $0.category] as Visit.Model
                },
                "hasMilestones": !record.milestones.isEmpty,
                "milestones": record.milestones.map { milestone($0, cohorts, visit, viewer) },
                "network": record.network.groups.map { members -> Visit.Model in
                    [
                        "group": members.first?.group ?? "",
                        "people": members.map { PersonModel(words: words).model(name: $0.name, card: $0.card) },
                    ]
                },
                "why": record.why.isEmpty
                    ? [words.text("students.whyRole")]
                    : record.why.map { reason in
                        words.text(
                            "students.why",
                            [
                                "group": groups[reason.groupID] ?? "#\(reason.groupID)",
                                "cohort": cohorts[reason.cohortID] ?? "",
                            ])
                    },
            ])
    }

    /// Colour of a status: it repeats what the words say.
    static func kind(_ status: ProgressStatus, isOverdue: Bool) -> String {
        switch status {
        case .completed: "ok"
        case .submitted: "info"
        case .returned: isOverdue ? "late" : "warn"
        case .open: isOverdue ? "late" : ""
        case .waived: ""
        }
    }

    private static func milestone(
        _ item: ProgressEntry, _ cohorts: [Int: String], _ visit: Visit, _ viewer: Viewer
    ) -> Visit.Model {
        let words = visit.words
        let actions = [ProgressAction.complete, .return, .waive, .reopen].filter { $0.sources.contains(item.status) }
        var model: Visit.Model = [
            "id": String(item.milestoneID), "student": String(item.student.id), "title": item.title,
            "cohort": cohorts[item.cohortID] ?? "", "status": words.text("progress.\(item.status.rawValue)"),
            "kind": kind(item.status, isOverdue: item.isOverdue), "due": ProgressPages.due(item.dueOn, viewer, words),
            "csrf": visit.csrf, "hasActions": !actions.isEmpty,
            "actions": actions.map { action -> Visit.Model in
                var entry: Visit.Model = [
                    "action": action.rawValue, "label": words.text("progress.do-\(action.rawValue)"),
                ]
                if action == .complete { entry["primary"] = true }
                return entry
            },
        ]
        if let comment = item.comment { model["comment"] = comment }
        return model
    }

    private static func history(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let student = try visit.call.id("id")
        let (progress, events) = try await ProgressRepository(work: visit.call.work())
            .history(of: visit.call.id("milestone"), student: student)
        return try visit.page(
            "students/history", title: progress.title, viewer: viewer, current: "/students",
            [
                "student": progress.student.name, "studentID": String(student), "milestone": progress.title,
                "hasEvents": !events.isEmpty,
                "events": events.reversed().map { event -> Visit.Model in
                    var entry: Visit.Model = [
                        "at": words.instant(event.at, zone: viewer.timeZone),
                        "who": event.actorName ?? words.text("students.somebody"),
                        "step": words.text(
                            "students.step",
                            [
                                "from": words.text("progress.\(event.from.rawValue)"),
                                "to": words.text("progress.\(event.to.rawValue)"),
                            ]),
                    ]
                    if let comment = event.comment { entry["comment"] = comment }
                    return entry
                },
            ])
    }
}
