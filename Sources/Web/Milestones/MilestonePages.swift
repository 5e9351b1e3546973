import Casework
import HTTPTypes
import Hummingbird
import NIOCore
import Tenancy

/// A cohort's Milestones tab: the Assigned Milestones box at the left, the details of the chosen one at the right.
enum MilestonePages {
    static let routes: [PageRoute] = [
        .get("/cohorts/{id}/milestones", .signedIn(.editors)) { try await show($0, milestone: nil) },
        .get("/cohorts/{id}/milestones/{milestone}", .signedIn(.editors)) { visit in
            try await show(visit, milestone: visit.call.id("milestone"))
        },
        .post("/cohorts/{id}/milestones", .signedIn(.editors)) { visit in
            let id = try visit.call.id("id")
            let milestone = try await MilestoneRepository(work: visit.call.work()).add(MilestoneDraft(), to: id)
            return visit.redirect("/cohorts/\(id)/milestones/\(milestone.id)")
        },
        .post("/cohorts/{id}/milestones/{milestone}", .signedIn(.editors)) { visit in
            let milestone = try visit.call.id("milestone")
            return try await visit.attempt {
                let patch = try Fields.read(form: visit.form.fields) { MilestonePatch(&$0) }
                _ = try await MilestoneRepository(work: visit.call.work()).change(milestone, patch, ifMatch: .any)
                return visit.redirect("/cohorts/\(try visit.call.id("id"))/milestones/\(milestone)", done: "saved")
            } again: {
                try await show($0, milestone: milestone)
            }
        },
        .post("/cohorts/{id}/milestones/{milestone}/move", .signedIn(.editors)) { visit in
            let (id, milestone) = (try visit.call.id("id"), try visit.call.id("milestone"))
            return try await visit.attempt {
                let step = try Fields.read(form: visit.form.fields) { $0.required("by", .int(-1...1)) }
                let milestones = MilestoneRepository(work: try visit.call.work())
                var order = try await milestones.order(in: id)
                order.move(milestone, by: step)
                try await milestones.setOrder(order, in: id)
                return visit.redirect("/cohorts/\(id)/milestones/\(milestone)", done: "moved")
            } again: {
                try await show($0.untyped, milestone: milestone)
            }
        },
        .post("/cohorts/{id}/milestones/{milestone}/delete", .signedIn(.editors)) { visit in
            let milestone = try visit.call.id("milestone")
            return try await visit.attempt {
                try await MilestoneRepository(work: visit.call.work()).remove(milestone, ifMatch: .any)
                return visit.redirect("/cohorts/\(try visit.call.id("id"))/milestones", done: "deleted")
            } again: {
                try await show($0, milestone: milestone)
            }
        },
        .post("/cohorts/{id}/milestones/{milestone}/files", .signedIn(.editors), files: true) { visit in
            let milestone = try visit.call.id("milestone")
            return try await visit.attempt {
                guard let file = visit.form.files["file"], file.content.size > 0 else {
                    throw CaseworkError.invalid("file", .fileNotChosen)
                }
                guard file.content.size <= MilestoneFile.limit else { throw FileRepository.tooLarge }
                let name = try fileName(file.name)
                let type = FileAPI.isMediaType(file.type) ? file.type : "application/octet-stream"
                _ = try await FileRepository(work: visit.call.work())
                    .add(name, contentType: type, to: milestone, content: file.content)
                return visit.redirect("/cohorts/\(try visit.call.id("id"))/milestones/\(milestone)", done: "added")
            } again: {
                try await show($0, milestone: milestone)
            }
        },
        .post("/cohorts/{id}/files/{file}/delete", .signedIn(.editors)) { visit in
            try await FileRepository(work: visit.call.work()).remove(visit.call.id("file"), ifMatch: .any)
            let milestone = visit.form["milestone"].flatMap(Int.init) ?? 0
            return visit.redirect("/cohorts/\(try visit.call.id("id"))/milestones/\(milestone)", done: "deleted")
        },
    ]

    private static func fileName(_ raw: String) throws -> FileName {
        do throws(Refusal) {
            return try FileName(raw)
        } catch {
            throw CaseworkError.invalid("file", error)
        }
    }

    private static func show(_ visit: Visit, milestone: Int?) async throws -> Response {
        try await visit.cohortPage("cohorts/milestones", tab: "milestones") { cohort in
            let words = visit.words
            let assigned = try await MilestoneRepository(work: visit.call.work()).assigned(in: cohort.id)
            let today = try await visit.viewer().today
            var model: Visit.Model = [
                "hasMilestones": !assigned.isEmpty,
                "milestones": assigned.enumerated().map { place, item -> Visit.Model in
                    var entry = row(item, words, today: today)
                    entry["cohort"] = String(cohort.id)
                    entry["csrf"] = visit.csrf
                    if item.milestone.id == milestone { entry["current"] = true }
                    if place == 0 { entry["first"] = true }
                    if place == assigned.count - 1 { entry["last"] = true }
                    return entry
                },
            ]
            if let milestone {
                guard let chosen = assigned.first(where: { $0.milestone.id == milestone })?.milestone else {
                    throw CaseworkError.notFound
                }
                let files = try await FileRepository(work: visit.call.work()).list(
                    of: milestone, PageRequest(limit: 200))
                model["details"] = details(chosen, files.items, visit, cohort: cohort.id)
            }
            return model
        }
    }

    /// A line of the box: title, when it is due, how many are done with it.
    private static func row(_ item: AssignedMilestone, _ words: Catalogue, today: CalendarDay) -> Visit.Model {
        var model: Visit.Model = [
            "id": String(item.milestone.id), "title": item.milestone.title,
            "fact": fact(item.milestone, words, today: today),
        ]
        guard item.milestone.saved else {
            model["tag"] = ["text": words.text("cohorts.draft"), "kind": "warn"]
            return model
        }
        guard item.total > 0 else { return model }
        let percent = item.completed * 100 / item.total
        let isSoon = item.milestone.dueOn.map { $0.dayNumber - today.dayNumber <= 7 } ?? false
        model["fact"] = [
            fact(item.milestone, words, today: today),
            words.text(
                "cohorts.doneOf", ["done": words.number(item.completed), "total": words.number(item.total)]),
        ].joined(separator: " · ")
        model["tag"] = [
            "text": words.text("cohorts.percent", n: percent), "kind": percent >= 75 ? "ok" : isSoon ? "warn" : "",
        ]
        return model
    }

    private static func fact(_ item: Milestone, _ words: Catalogue, today: CalendarDay) -> String {
        guard item.saved else { return words.text("cohorts.notSaved") }
        if let due = item.dueOn { return words.text("cohorts.due", ["date": words.shortDate(due, today: today)]) }
        if let days = item.dueAfterDays { return words.text("cohorts.dueAfter", n: days) }
        return words.text("cohorts.noDue")
    }

    private static func details(
        _ item: Milestone, _ files: [MilestoneFile], _ visit: Visit, cohort: Int
    ) -> Visit.Model {
        let words = visit.words
        let chosen = visit.form.fields.isEmpty ? item.reminders.map(String.init) : visit.form.fields["reminders"] ?? []
        return [
            "cohort": String(cohort), "id": String(item.id), "csrf": visit.csrf, "saved": item.saved,
            "fields": visit.inputs([
                Input(
                    name: "title", label: words.text("cohorts.milestoneTitle"), value: item.title, isRequired: true,
                    limit: 200),
                Input(
                    name: "dueOn", label: words.text("cohorts.dueDate"), kind: .line(type: "date"),
                    value: item.dueOn.map(\.isoText)),
                Input(
                    name: "description", label: words.text("cohorts.description"),
                    hint: words.text("cohorts.descriptionHint"), kind: .text, value: item.description),
                Input(
                    name: "completion", label: words.text("cohorts.completion"),
                    kind: .choice([
                        ("staff", words.text("cohorts.completionStaff")),
                        ("student", words.text("cohorts.completionStudent")),
                    ]), value: item.completion.rawValue, isRequired: true),
            ]),
            "reminders": Milestone.reminderDays.map { days -> Visit.Model in
                var entry: Visit.Model = ["value": String(days), "label": words.text("cohorts.reminder\(days)")]
                if chosen.contains(String(days)) { entry["checked"] = true }
                return entry
            },
            "hasFiles": !files.isEmpty,
            "files": files.map { file -> Visit.Model in
                [
                    "cohort": String(cohort), "milestone": String(item.id), "id": String(file.id), "name": file.name,
                    "size": words.size(file.size), "csrf": visit.csrf,
                ]
            },
            "file": visit.input(
                Input(name: "file", label: words.text("cohorts.attachFile"), kind: .file(accept: ""), isRequired: true)),
        ]
    }
}
