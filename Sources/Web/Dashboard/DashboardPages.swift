import Casework
import Hummingbird
import Tenancy

/// The student's page: the next three things, the whole list, and who can help.
enum DashboardPages {
    static let routes: [PageRoute] = [
        .get("/dashboard", .signedIn(.student)) { visit in try await show(visit) },
        .post("/milestones/{id}/{action}", .signedIn(.student), files: true) { visit in
            guard let action = ProgressAction(rawValue: try visit.call.word("action")), action.isForStudents else {
                throw CaseworkError.notFound
            }
            let milestone = try visit.call.id("id")
            do {
                let moved = try await take(action, milestone, visit)
                let next = visit.form["then"].flatMap { Int($0) }.map { "#milestone-\($0)" } ?? ""
                return visit.redirect(
                    "/dashboard\(next)", done: DoneText(rawValue: action.rawValue), subject: moved.title,
                    undo: action == .complete ? [moved.step] : [])
            } catch CaseworkError.invalid(let problems) {
                // the page has such fields for each milestone that is sent, and none for others
                return try await show(visit.with(problems) { action == .submit ? "\($0)-\(milestone)" : "" })
            } catch CaseworkError.lacking(.scanner) {
                return try await show(visit.with([FieldRefusal("files-\(milestone)", .scannerAway)]))
            } catch CaseworkError.preconditionFailed {
                return try await show(visit.outdated)
            } catch CaseworkError.conflict(let refusal, _, _, _) {
                return try await show(visit.with([FieldRefusal("", refusal)]))
            }
        },
        .post("/milestones/{id}/extension/{action}", .signedIn(.student)) { visit in
            guard let action = ExtensionAction(rawValue: try visit.call.word("action")), action.isForStudents else {
                throw CaseworkError.notFound
            }
            let key = ProgressKey(milestone: try visit.call.id("id"), student: visit.call.account)
            return try await visit.extend(action, on: key, to: "/dashboard#milestone-\(key.milestone)") {
                try await show($0, isExtension: true)
            }
        },
    ]

    /// Takes the step that a form asks for, with all that it brings.
    private static func take(_ action: ProgressAction, _ milestone: Int, _ visit: Visit) async throws -> ProgressEntry {
        let progress = ProgressRepository(work: try visit.call.work())
        if action == .submit {
            return try await progress.submit(
                Submission(visit.form, ignoring: ["then"]), milestone: milestone, student: visit.call.account,
                ifMatch: visit.seenVersion, scanner: visit.call.site.scanner, field: "files")
        }
        let comment = try Fields.read(form: visit.form.fields.filter { $0.key == "comment" }) {
            $0.optional("comment", .text(ProgressAction.commentLength, multiline: true))
        }
        return try await progress.take(
            action, milestone: milestone, student: visit.call.account, comment: comment, ifMatch: visit.seenVersion)
    }

    /// - Parameter isExtension: whether the form of an extension comes again.
    private static func show(_ visit: Visit, isExtension: Bool = false) async throws -> Response {
        let ((found, unread, ownCompletions, submitted), dashboard) = try await DashboardRepository.read(
            with: Reading.all(
                Viewer.reading, InboxRepository.unread, ProgressRepository.ownCompletions(),
                SubmittedFileRepository.own),
            in: visit.call.work(), kept: visit.call.site.keptContent)
        var viewer = found
        viewer.unread = unread
        let sent = visit.call.request.method == .post ? try visit.call.id("id") : nil
        let page = DashboardPage(
            visit: visit, dashboard: dashboard, name: viewer.name, today: viewer.today, timeZone: viewer.timeZone,
            sent: isExtension ? nil : sent, sentExtension: isExtension ? sent : nil, ownCompletions: ownCompletions,
            submitted: submitted)
        // a note that was refused, and whose field has gone with what it was about
        let hasField = dashboard.milestones.contains {
            $0.id == sent
                && (isExtension ? $0.isToDo && $0.dueOn != nil && $0.extended?.status != .asked : $0.takesNote)
        }
        return visit.page(
            title: visit.words[DashboardText.title], viewer: viewer,
            givenBack: hasField ? nil : GivenBack([(visit.words.label("comment"), visit.form["comment"] ?? "")])
        ) {
            page.html
        }
    }
}
