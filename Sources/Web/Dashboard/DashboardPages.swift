import Casework
import Hummingbird
import Tenancy

/// The student's page: the next three things, the whole list, and who can help.
enum DashboardPages {
    static let routes: [PageRoute] = [
        .get("/dashboard", .signedIn(.student)) { visit in try await show(visit) },
        .post("/milestones/{id}/{action}", .signedIn(.student)) { visit in
            guard let action = ProgressAction(rawValue: try visit.call.word("action")), action.isForStudents else {
                throw CaseworkError.notFound
            }
            let viewer = try await visit.viewer()
            let milestone = try visit.call.id("id")
            do {
                let comment = try Fields.read(form: visit.form.fields.filter { $0.key == "comment" }) {
                    $0.optional("comment", .text(ProgressAction.commentLength, multiline: true))
                }
                _ = try await ProgressRepository(work: visit.call.work())
                    .take(
                        action, milestone: milestone, student: viewer.id, comment: comment, ifMatch: visit.seenVersion)
                return visit.redirect("/dashboard", done: action.rawValue)
            } catch CaseworkError.invalid(let problems) {
                // the page has such a field for each milestone that is sent, and none for others
                let name = action == .submit ? "comment-\(milestone)" : ""
                return try await show(visit.with(problems) { _ in name })
            } catch CaseworkError.preconditionFailed {
                let changed = FieldProblem(field: "", detail: visit.words.text("dashboard.changed"))
                return try await show(visit.with([changed]))
            } catch CaseworkError.conflict(let refusal, _, _, _) {
                return try await show(visit.with([FieldRefusal("", refusal)]))
            }
        },
    ]

    private static func show(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let dashboard = try await DashboardRepository(work: visit.call.work()).read()
        var model = Self.model(of: dashboard, name: viewer.name, today: viewer.today, visit)
        // a note that was refused, and whose field has gone with what it was about
        if !dashboard.milestones.contains(where: { $0.takesNote && $0.id == visit.sentMilestone }) {
            model["givenBack"] = TypedText.shown([(visit.words.label("comment"), visit.form["comment"] ?? "")])
        }
        return try visit.page(
            "dashboard/show", title: visit.words.text("dashboard.title"), viewer: viewer, model)
    }

    /// What `dashboard/show` draws for somebody of that name.
    static func model(of dashboard: Dashboard, name: String, today: CalendarDay, _ visit: Visit) -> Visit.Model {
        let items = Items(visit: visit, today: today, dashboard: dashboard)
        let open = dashboard.milestones.filter(\.isToDo)
        let progress = dashboard.progress
        var model: Visit.Model = [
            "greeting": visit.words.text(
                "dashboard.hello", ["name": name.split(separator: " ").first.map(String.init) ?? name]),
            "summary": summary(visit, today, open, progress),
            "groups": people(visit, dashboard.supportNetwork),
            "hasPeople": !dashboard.supportNetwork.members.isEmpty,
            "hasMilestones": !dashboard.milestones.isEmpty,
            "allDone": !dashboard.milestones.isEmpty
                && dashboard.milestones.allSatisfy { $0.status == .completed || $0.status == .waived },
        ]
        let percent = progress.total == 0 ? 0 : progress.completed * 100 / progress.total
        model["percent"] = String(percent)
        model["progressText"] = visit.words.text(
            "dashboard.progress",
            ["done": "\(progress.completed)", "total": "\(progress.total)", "percent": "\(percent)"])
        for (name, list) in [
            ("next", Array(open.prefix(3))), ("later", Array(open.dropFirst(3))),
            ("waiting", dashboard.milestones.filter { $0.status == .submitted }),
            ("done", dashboard.milestones.filter { $0.status == .completed || $0.status == .waived }),
        ] {
            model[name] = list.map { items.model($0, isNext: name == "next") }
            model["has" + name.prefix(1).uppercased() + name.dropFirst()] = !list.isEmpty
        }
        return model
    }

    private static func summary(
        _ visit: Visit, _ today: CalendarDay, _ open: [Dashboard.Item], _ progress: (completed: Int, total: Int)
    ) -> String {
        let words = visit.words
        var values = ["done": "\(progress.completed)", "total": "\(progress.total)"]
        guard let next = open.first, let due = next.dueOn else { return words.text("dashboard.summary", values) }
        values["title"] = next.title
        values["when"] = words.relative(due, today: today)
        switch open.count(where: \.isOverdue) {
        case 0: return words.text("dashboard.summaryNext", values)
        case 1: return words.text("dashboard.summaryOverdue", values, n: today.dayNumber - due.dayNumber)
        case let overdue: return words.text("dashboard.summaryManyOverdue", values, n: overdue)
        }
    }

    private static func people(_ visit: Visit, _ network: SupportNetwork) -> [Visit.Model] {
        network.groups.map { members in
            [
                "name": members.first?.group ?? "",
                "people": members.map { PersonModel(words: visit.words).model(name: $0.name, card: $0.card) },
            ]
        }
    }
}

extension Dashboard.Item {
    /// Whether the next step is the student's.
    fileprivate var isToDo: Bool { status == .open || status == .returned }

    /// Whether the next step is to be sent to staff, with a note.
    fileprivate var takesNote: Bool { isToDo && completion == .staff }
}

extension Visit {
    /// The milestone whose form was sent.
    fileprivate var sentMilestone: Int? { call.request.method == .post ? try? call.id("id") : nil }
}

/// A milestone of the student's, as `dashboard/item` draws it.
private struct Items {
    let visit: Visit
    let today: CalendarDay
    let dashboard: Dashboard

    func model(_ item: Dashboard.Item, isNext: Bool) -> Visit.Model {
        let files = dashboard.files(of: item.id)
        var model: Visit.Model = [
            "id": String(item.id), "title": item.title, "tag": tag(item),
            "cohort": dashboard.cohorts.first { $0.id == item.cohortID }?.name ?? "",
            "hasFiles": !files.isEmpty,
            "files": files.map {
                ["id": String($0.id), "name": $0.name, "size": visit.words.size($0.size)] as Visit.Model
            },
            "actions": actions(item, isNext: isNext),
        ]
        if item.isOverdue { model["kind"] = "late" } else if isNext { model["kind"] = "next" }
        if let description = item.description { model["description"] = description }
        if item.status == .returned, let comment = item.comment { model["comment"] = comment }
        return model
    }

    private func tag(_ item: Dashboard.Item) -> Visit.Model {
        let words = visit.words
        switch item.status {
        case .open: break
        case .returned where item.isOverdue: break
        case .completed, .waived, .submitted, .returned:
            let kind = [.completed: "ok", .submitted: "info", .returned: "warn"][item.status] ?? ""
            return ["text": words.text("dashboard.\(item.status.rawValue)"), "kind": kind]
        }
        guard let due = item.dueOn else { return ["text": words.text("dashboard.noDue"), "kind": ""] }
        let days = today.dayNumber - due.dayNumber
        if days > 0 { return ["text": words.text("dashboard.overdue", n: days), "kind": "late"] }
        let text = words.text(
            "dashboard.due", ["date": words.shortDate(due, today: today), "when": words.relative(due, today: today)])
        return ["text": text, "kind": days >= -7 ? "warn" : ""]
    }

    private func actions(_ item: Dashboard.Item, isNext: Bool) -> [Visit.Model] {
        let action: ProgressAction
        switch item.status {
        case .open, .returned: action = item.completion == .student ? .complete : .submit
        case .submitted: action = .withdraw
        case .completed, .waived: return []
        }
        let label = [.complete: "tick", .submit: "tell", .withdraw: "withdraw"][action] ?? ""
        var model: Visit.Model = [
            "id": String(item.id), "action": action.rawValue, "label": visit.words.text("dashboard.\(label)"),
            "csrf": visit.csrf, "version": String(item.version.number),
        ]
        if item.takesNote { model["note"] = note(item) }
        if isNext, item.id == dashboard.milestones.first(where: \.isToDo)?.id { model["primary"] = true }
        return [model]
    }

    /// The field for a word with it; where that was refused, with what was typed.
    private func note(_ item: Dashboard.Item) -> Visit.Model {
        var model = visit.field("comment-\(item.id)")
        model["limit"] = String(ProgressAction.commentLength.upperBound)
        if item.id == visit.sentMilestone, !visit.problems.isEmpty {
            model["value"] = visit.form["comment"] ?? ""
            model["opened"] = true
        }
        return model
    }
}

/// Somebody who can help, as `parts/person` draws it: one contact action, the best there is.
struct PersonModel {
    let words: Catalogue

    func model(name: String, card: Card?) -> Visit.Model {
        var model: Visit.Model = ["name": name, "initials": name.initials]
        guard let card else { return model }
        let facts = [card.title, card.office, card.location, card.hours].compactMap { $0 }
        if !facts.isEmpty { model["facts"] = facts.joined(separator: " · ") }
        if let biography = card.biography { model["biography"] = biography }
        if let booking = card.bookingURL, booking.hasPrefix("https://") {
            model["contact"] =
                ["href": booking, "outside": true, "label": words.text("people.book"), "person": name] as Visit.Model
        } else if let phone = card.phone {
            let number = phone.filter { $0.isNumber || $0 == "+" }
            if !number.isEmpty {
                model["contact"] =
                    ["href": "tel:\(number)", "label": words.text("people.call"), "person": name] as Visit.Model
            }
        }
        return model
    }
}
