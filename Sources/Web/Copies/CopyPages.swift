import Casework
import Hummingbird
import Tenancy

/// Copying another cohort's milestones, and rolling a cohort over. What is chosen stands in the address, so that a page shows
/// what would be made; its button makes just that.
enum CopyPages {
    static let routes: [PageRoute] = [
        .get("/cohorts/{id}/copy-milestones", .signedIn(.editors)) { try await showCopy($0.asking) },
        .post("/cohorts/{id}/copy-milestones", .signedIn(.editors)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                let draft = try Fields.read(form: visit.form.fields) { MilestoneCopyDraft(&$0) }
                let copied = try await withSpace {
                    try await CopyRepository(work: visit.call.work()).copy(draft, into: id, ifMatch: visit.seenVersion)
                }
                return visit.redirect("/cohorts/\(id)/milestones", done: .milestonesCopied, count: copied.lines.count)
            } again: {
                try await showCopy($0)
            }
        },
        .get("/cohorts/{id}/roll-over", .signedIn(.admin)) { try await showRollOver($0.asking) },
        .post("/cohorts/{id}/roll-over", .signedIn(.admin)) { visit in
            try await visit.attempt {
                let draft = try Fields.read(form: visit.form.fields) { RollOverDraft(&$0) }
                let made = try await withSpace {
                    try await RollOverRepository(work: visit.call.work())
                        .rollOver(visit.call.id("id"), draft, ifMatch: visit.seenVersion)
                }
                guard let cohort = made.cohort else { throw CaseworkError.notFound }
                return visit.redirect("/cohorts/\(cohort.id)/details", done: .created, subject: cohort.name)
            } again: {
                try await showRollOver($0)
            }
        },
    ]

    /// Files for which there is no space are told at what they belong to.
    private static func withSpace<Made>(_ make: () async throws -> Made) async throws -> Made {
        do {
            return try await make()
        } catch CaseworkError.tooLarge(let refusal) {
            throw CaseworkError.invalid("milestoneIds", refusal)
        }
    }

    private static func showCopy(_ visit: Visit) async throws -> Response {
        let id = try visit.call.id("id")
        var visit = visit
        var (offer, plan): (MilestoneOffer?, MilestoneCopyPlan?)
        do {
            let from = try Fields.read(query: visit.form.fields) {
                $0.optional("fromCohortId", .id)
            }
            if let from {
                guard from != id, let found = try await visit.call.read(CopyRepository.offer(of: from)) else {
                    throw CaseworkError.invalid("fromCohortId", .unknownCohort)
                }
                offer = found
                plan = try found.plan(try Fields.read(query: visit.form.fields) { MilestoneCopyDraft(&$0) })
            }
        } catch CaseworkError.invalid(let refusals) {
            if visit.problems.isEmpty { visit = visit.with(refusals) }
        }
        return try await visit.cohortPage(
            .milestones, title: visit.words[CopyText.title], CopyRepository.sources(for: id)
        ) { cohort, viewer, sources in
            CopyPage(
                visit: visit, cohort: cohort.id, sources: sources, offer: offer, plan: plan, today: viewer.today,
                mayShare: viewer.role == "admin"
            ).html
        }
    }

    private static func showRollOver(_ visit: Visit) async throws -> Response {
        let id = try visit.call.id("id")
        var visit = visit
        var plan: RollOverPlan?
        if !visit.form.fields.isEmpty {
            do {
                let draft = try Fields.read(query: visit.form.fields) { RollOverDraft(&$0) }
                plan = try await visit.call.read(RollOverRepository.plan(draft, of: id))
            } catch CaseworkError.invalid(let refusals) {
                if visit.problems.isEmpty { visit = visit.with(refusals) }
            } catch CaseworkError.conflict(let refusal, let field, _, _) {
                if visit.problems.isEmpty { visit = visit.with([FieldRefusal(field ?? "", refusal)]) }
            }
        }
        return try await visit.cohortPage(
            .details, title: visit.words[CopyText.rollOver], CategoryRepository.order
        ) { cohort, viewer, categories in
            var visit = visit
            // who asks for none is told the one that it will be
            if !visit.form.fields.isEmpty, visit.form["categoryId"] == nil {
                visit.form.fields["categoryId"] = [String(cohort.categoryID)]
            }
            return RollOverPage(
                visit: visit, cohort: cohort, categories: categories, plan: plan, today: viewer.today
            ).html
        }
    }
}

extension Visit {
    /// The same visit with what its address asks for in the place of a form's fields.
    fileprivate var asking: Visit {
        var copy = self
        let query = Notice.others(than: call.request.uri.query).joined(separator: "&")
        for (name, value) in (try? URLEncoded.pairs(Array(query.utf8))) ?? [] {
            copy.form.fields[name, default: []].append(value)
        }
        return copy
    }

    /// How far dates are to move, in a form.
    @HTMLBuilder func shiftFields() -> HTML {
        field(
            Input(
                name: "shiftDays", label: words[CopyText.days], hint: words[CopyText.daysHint],
                kind: .line(type: "number")))
        field(
            Input(
                name: "firstDay", label: words[CopyText.firstDay], hint: words[CopyText.firstDayHint],
                kind: .line(type: "date")))
    }

    /// The same as hidden fields of the form that makes what is shown.
    @HTMLBuilder func hiddenShift() -> HTML {
        for name in ["shiftDays", "firstDay"] {
            if let value = form[name], !value.trimmingSpaces.isEmpty { hiddenField(name, value) }
        }
    }
}
