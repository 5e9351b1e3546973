import Casework
import Hummingbird
import Tenancy

/// One student's record: cohorts, milestones and steps taken there, network, and why one sees it.
enum StudentPages {
    static let routes: [PageRoute] = [
        .get("/students/{id}", .signedIn(.casework)) { visit in
            try await show(visit, student: visit.call.id("id"))
        },
        .get("/students/{id}/milestones/{milestone}", .signedIn(.casework)) { try await history($0) },
        .post("/students/{id}/contact", .signedIn(.casework)) { visit in
            let student = try visit.call.id("id")
            do {
                let (account, cohort) = try Fields.read(form: visit.form.fields) {
                    (
                        $0.optional("accountId", .id),
                        $0.required("cohortId", .id)
                    )
                }
                try await PersonalContacts(work: visit.call.work()).name(account, of: student, in: cohort)
                return visit.redirect("/students/\(student)#network", done: .saved)
            } catch CaseworkError.invalid(let problems) {
                // the page has such a field for each cohort
                let cohort = visit.form["cohortId"].flatMap(Int.init)
                let placed = visit.with(problems) { name in
                    name == "accountId" ? cohort.map(StudentPage.contactField) ?? "" : ""
                }
                return try await show(placed, student: student)
            }
        },
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
                let anchor = ProgressKey(milestone: milestone, student: student).anchor
                return answer.redirect(visit, to: "/students/\(student)#\(anchor)", answers)
            } catch CaseworkError.invalid(let problems) {
                // the page has such a field for each milestone
                let placed = visit.with(problems) { $0.isEmpty ? "" : "\($0)-\(milestone)" }
                return try await show(placed, student: student)
            }
        },
        .post("/students/{id}/milestones/{milestone}/extension", .signedIn(.casework)) { visit in
            let student = try visit.call.id("id")
            let key = ProgressKey(milestone: try visit.call.id("milestone"), student: student)
            return try await visit.extend(on: key, to: "/students/\(student)#\(key.anchor)") {
                try await show($0, student: student, isExtension: true)
            }
        },
    ]

    /// - Parameter isExtension: whether the form of an extension comes again.
    static func show(_ visit: Visit, student: Int, isExtension: Bool = false) async throws -> Response {
        let (viewer, record, background, extensions) = try await visit.read(
            StudentRepository.read(student), StudentRepository.background(of: student),
            ExtensionRepository.all(of: student))
        let sent = try? visit.call.id("milestone")
        let page = StudentPage(
            visit: visit, viewer: viewer, record: record, background: background,
            looks: viewer.role == "admin" ? try await looks(visit, student) : nil, extensions: extensions,
            sent: isExtension ? nil : sent, sentExtension: isExtension ? sent : nil)
        // a word that was refused, and whose field has gone with what it was about
        let hasField = record.milestones.contains { item in
            item.milestoneID == sent && background.acting.contains(item.cohortID)
                && (!isExtension || item.canBeExtended)
        }
        return visit.page(
            title: record.account.name, viewer: viewer, current: "/students",
            givenBack: hasField ? nil : GivenBack([(visit.words.label("comment"), visit.form["comment"] ?? "")])
        ) {
            page.html
        }
    }

    /// Who read this student's record, for admins.
    private static func looks(_ visit: Visit, _ student: Int) async throws -> [AuditEntry] {
        var filter = AuditFilter()
        filter.subject = "student/\(student)"
        return try await visit.call.read(AuditRepository.list(filter, PageRequest(limit: 20))).items
    }

    private static func history(_ visit: Visit) async throws -> Response {
        let words = visit.words
        let student = try visit.call.id("id")
        let milestone = try visit.call.id("milestone")
        let (viewer, found, extensions) = try await visit.read(
            ProgressRepository.history(of: milestone, student: student), ExtensionRepository.all(of: student))
        let (progress, events, files) = found
        let later = extensions.events.filter { $0.milestoneID == milestone }
        let way = [
            Crumb(text: words[StudentText.title], address: "/students"),
            Crumb(text: progress.student.name, address: "/students/\(student)"),
        ]
        return visit.page(title: progress.title, viewer: viewer, current: "/students") {
            pageHead(
                progress.title, text: words[StudentText.history], crumbs: breadcrumbs(words, way))
            section(.class("card")) {
                if events.isEmpty, later.isEmpty {
                    p(.class("empty")) { words[StudentText.noEvents] }
                } else {
                    History(viewer: viewer, words: words).html(
                        events.reversed().map { (progress.title, $0) }, later, namesMilestones: false, files: files)
                }
            }
        }
    }
}
