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
                var form = visit.form.fields
                if form["reminders"] == nil { form["reminders"] = [] }
                let patch = try Fields.read(form: form) { MilestonePatch(&$0) }
                _ = try await MilestoneRepository(work: visit.call.work()).change(milestone, patch, ifMatch: .any)
                return visit.redirect("/cohorts/\(try visit.call.id("id"))/milestones/\(milestone)", done: "saved")
            } again: {
                try await show($0, milestone: milestone)
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
        .post("/cohorts/{id}/milestones/{milestone}/files", .signedIn(.editors)) { visit in
            let milestone = try visit.call.id("milestone")
            return try await visit.attempt {
                guard let file = visit.form.files["file"] else {
                    throw CaseworkError.invalid("file", visit.words.text("cohorts.noFile"))
                }
                let name = try fileName(file.name)
                _ = try await FileRepository(work: visit.call.work())
                    .add(name, contentType: file.type, to: milestone, content: Once(bytes: file.bytes))
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
            throw CaseworkError.invalid("file", error.detail)
        }
    }

    private static func show(_ visit: Visit, milestone: Int?) async throws -> Response {
        try await visit.cohortPage("cohorts/milestones", tab: "milestones") { cohort in
            let words = visit.words
            let milestones = try await MilestoneRepository(work: visit.call.work())
                .list(in: cohort.id, PageRequest(limit: 200))
            let today = try await visit.viewer().today
            var model: Visit.Model = [
                "hasMilestones": !milestones.items.isEmpty,
                "milestones": milestones.items.map { item -> Visit.Model in
                    var entry: Visit.Model = [
                        "href": "/cohorts/\(cohort.id)/milestones/\(item.id)", "title": item.title,
                        "fact": fact(item, words, today: today),
                    ]
                    if item.id == milestone { entry["current"] = true }
                    if !item.saved { entry["unsaved"] = true }
                    return entry
                },
            ]
            if let milestone {
                guard let chosen = milestones.items.first(where: { $0.id == milestone }) else {
                    throw CaseworkError.notFound
                }
                let files = try await FileRepository(work: visit.call.work()).list(
                    of: milestone, PageRequest(limit: 200))
                model["details"] = details(chosen, files.items, visit, cohort: cohort.id)
            }
            return model
        }
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
            "cohort": String(cohort), "id": String(item.id), "csrf": visit.csrf, "title": item.title,
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

/// Bytes that are there already, as the stream a repository reads.
private struct Once: AsyncSequence, Sendable {
    let bytes: [UInt8]

    func makeAsyncIterator() -> Iterator { Iterator(rest: bytes) }

    struct Iterator: AsyncIteratorProtocol {
        var rest: [UInt8]?

        mutating func next() async throws -> [UInt8]? {
            defer { rest = nil }
            return rest
        }
    }
}
