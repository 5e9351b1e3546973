import Casework
import HTTPTypes
import Hummingbird
import NIOCore
import Tenancy

/// A cohort's Milestones tab: the Assigned Milestones box at the left, the details of the chosen one at the right.
enum MilestonePages {
    static let routes: [PageRoute] = [
        .get("/cohorts/{id}/milestones", .signedIn(.editors)) { try await show($0) },
        .get("/cohorts/{id}/milestones/{milestone}", .signedIn(.editors)) { visit in
            try await show(visit, milestone: visit.call.id("milestone"))
        },
        .post("/cohorts/{id}/milestones", .signedIn(.editors)) { visit in
            let id = try visit.call.id("id")
            let milestone = try await MilestoneRepository(work: visit.call.work()).add(MilestoneDraft(), to: id)
            return visit.redirect("/cohorts/\(id)/milestones/\(milestone.id)")
        },
        .post("/cohorts/{id}/milestones/{milestone}", .signedIn(.editors), files: true) { visit in
            let milestone = try visit.call.id("milestone")
            return try await visit.attempt {
                try await save(visit, milestone)
            } again: {
                try await show($0, milestone: milestone)
            }
        },
        .post("/cohorts/{id}/milestones/{milestone}/move", .signedIn(.editors)) { visit in
            let (id, milestone) = (try visit.call.id("id"), try visit.call.id("milestone"))
            return try await visit.attempt {
                let step = try Fields.read(form: visit.form.fields) { $0.required("by", .int(-1...1)) }
                var (order, moved) = try await visit.call.work().read(
                    MilestoneRepository.order(in: id), MilestoneRepository.find(milestone))
                order.move(milestone, by: step)
                try await MilestoneRepository(work: visit.call.work()).setOrder(order, in: id)
                return visit.redirect("/cohorts/\(id)/milestones/\(milestone)", done: .moved, subject: moved.title)
            } again: {
                try await show($0.untyped, milestone: milestone)
            }
        },
        .post("/cohorts/{id}/milestones/{milestone}/unshare", .signedIn(.admin)) { visit in
            let milestone = try visit.call.id("milestone")
            return try await visit.attempt {
                let title = try await visit.call.read(MilestoneRepository.find(milestone)).title
                try await MilestoneRepository(work: visit.call.work()).unshare(milestone, ifMatch: visit.seenVersion)
                return visit.redirect(
                    "/cohorts/\(try visit.call.id("id"))/milestones/\(milestone)", done: .unshared, subject: title)
            } again: {
                try await show($0.untyped, milestone: milestone)
            }
        },
        .post("/cohorts/{id}/milestones/{milestone}/delete", .signedIn(.editors)) { visit in
            let milestone = try visit.call.id("milestone")
            return try await visit.attempt {
                let title = try await MilestoneRepository(work: visit.call.work())
                    .remove(milestone, ifMatch: visit.seenVersion)
                return visit.redirect(
                    "/cohorts/\(try visit.call.id("id"))/milestones", done: .deleted, subject: title)
            } again: {
                try await show($0, milestone: milestone)
            }
        },
    ]

    /// Stores what the form holds: details, files that come and files that go.
    private static func save(_ visit: Visit, _ milestone: Int) async throws -> Response {
        var removed: [Int] = []
        var added: [NewFile] = []
        let patch = try Fields.read(form: visit.form.fields) { fields in
            let patch = MilestonePatch(&fields)
            removed = fields.value("removed", .ids, default: [])
            added = visit.form.newFiles("files", &fields)
            return patch
        }
        let saved = try await FileRepository(work: visit.call.work()).save(
            patch, of: milestone, adding: added, removing: removed, ifMatch: visit.seenVersion,
            scanner: visit.call.site.scanner, field: "files")
        let done = patch.isArchived.map { $0 ? DoneText.retired : .restored }
        let isDoubtful = !saved.cautions(today: try await visit.viewer().today).isEmpty
        return visit.redirect(
            "/cohorts/\(try visit.call.id("id"))/milestones/\(milestone)",
            done: done ?? (isDoubtful ? .savedDoubtful : .saved),
            subject: saved.title)
    }

    private static func show(_ visit: Visit) async throws -> Response {
        try await visit.cohortPage(.milestones, MilestoneRepository.assigned(in: visit.call.id("id"))) {
            cohort, viewer, assigned in
            MilestonesPage(
                visit: visit, cohort: cohort.id, assigned: assigned, today: viewer.today,
                timeZone: viewer.timeZone
            ).html
        }
    }

    /// The tab with the details of one milestone.
    private static func show(_ visit: Visit, milestone: Int) async throws -> Response {
        let reading = try Reading.all(
            MilestoneRepository.assigned(in: visit.call.id("id")),
            FileRepository.list(of: milestone, PageRequest(limit: 200)), MilestoneRepository.isWorkedOn(milestone),
            MilestoneRepository.reminders(of: milestone), MilestoneRepository.sharing(of: milestone))
        return try await visit.cohortPage(.milestones, reading) { cohort, viewer, found in
            let (assigned, files, isWorkedOn, reminders, sharing) = found
            guard let chosen = assigned.first(where: { $0.milestone.id == milestone })?.milestone else {
                throw CaseworkError.notFound
            }
            return MilestonesPage(
                visit: visit, cohort: cohort.id, assigned: assigned, today: viewer.today, timeZone: viewer.timeZone,
                chosen: MilestoneForm(
                    visit: visit, cohort: cohort.id, milestone: chosen, files: files.items, today: viewer.today,
                    timeZone: viewer.timeZone, reminded: reminders, isWorkedOn: isWorkedOn, sharing: sharing,
                    mayShare: viewer.role == "admin")
            ).html
        }
    }
}
