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
        .post("/cohorts/{id}/milestones/{milestone}", .signedIn(.editors)) { visit in
            let milestone = try visit.call.id("milestone")
            return try await visit.attempt {
                let patch = try Fields.read(form: visit.form.fields) { MilestonePatch(&$0) }
                _ = try await MilestoneRepository(work: visit.call.work())
                    .change(milestone, patch, ifMatch: visit.seenVersion)
                return visit.redirect("/cohorts/\(try visit.call.id("id"))/milestones/\(milestone)", done: .saved)
            } again: {
                try await show($0, milestone: milestone)
            }
        },
        .post("/cohorts/{id}/milestones/{milestone}/move", .signedIn(.editors)) { visit in
            let (id, milestone) = (try visit.call.id("id"), try visit.call.id("milestone"))
            return try await visit.attempt {
                let step = try Fields.read(form: visit.form.fields) { $0.required("by", .int(-1...1)) }
                var order = try await visit.call.read(MilestoneRepository.order(in: id))
                order.move(milestone, by: step)
                try await MilestoneRepository(work: visit.call.work()).setOrder(order, in: id)
                return visit.redirect("/cohorts/\(id)/milestones/\(milestone)", done: .moved)
            } again: {
                try await show($0.untyped, milestone: milestone)
            }
        },
        .post("/cohorts/{id}/milestones/{milestone}/delete", .signedIn(.editors)) { visit in
            let milestone = try visit.call.id("milestone")
            return try await visit.attempt {
                try await MilestoneRepository(work: visit.call.work()).remove(milestone, ifMatch: visit.seenVersion)
                return visit.redirect("/cohorts/\(try visit.call.id("id"))/milestones", done: .deleted)
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
                return visit.redirect("/cohorts/\(try visit.call.id("id"))/milestones/\(milestone)", done: .added)
            } again: {
                try await show($0, milestone: milestone)
            }
        },
        .post("/cohorts/{id}/files/{file}/delete", .signedIn(.editors)) { visit in
            let milestone = visit.form["milestone"].flatMap(Int.init) ?? 0
            return try await visit.attempt {
                try await FileRepository(work: visit.call.work())
                    .remove(visit.call.id("file"), ifMatch: visit.seenVersion)
                return visit.redirect("/cohorts/\(try visit.call.id("id"))/milestones/\(milestone)", done: .deleted)
            } again: {
                try await show($0.untyped, milestone: milestone)
            }
        },
    ]

    private static func fileName(_ raw: String) throws -> FileName {
        do throws(Refusal) {
            return try FileName(raw)
        } catch {
            throw CaseworkError.invalid("file", error)
        }
    }

    private static func show(_ visit: Visit) async throws -> Response {
        try await visit.cohortPage(.milestones, MilestoneRepository.assigned(in: visit.call.id("id"))) {
            cohort, viewer, assigned in
            MilestonesPage(visit: visit, cohort: cohort.id, assigned: assigned, today: viewer.today).html
        }
    }

    /// The tab with the details of one milestone.
    private static func show(_ visit: Visit, milestone: Int) async throws -> Response {
        let reading = try Reading.all(
            MilestoneRepository.assigned(in: visit.call.id("id")),
            FileRepository.list(of: milestone, PageRequest(limit: 200)))
        return try await visit.cohortPage(.milestones, reading) { cohort, viewer, found in
            let (assigned, files) = found
            guard let chosen = assigned.first(where: { $0.milestone.id == milestone })?.milestone else {
                throw CaseworkError.notFound
            }
            return MilestonesPage(
                visit: visit, cohort: cohort.id, assigned: assigned, today: viewer.today,
                chosen: MilestoneForm(visit: visit, cohort: cohort.id, milestone: chosen, files: files.items)
            ).html
        }
    }
}
