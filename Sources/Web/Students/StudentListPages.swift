import Casework
import Hummingbird
import Tenancy

/// The students in scope as a caseload: sorted, narrowed, and chosen to do something with.
enum StudentListPages {
    static let routes: [PageRoute] = [
        .get("/students", .signedIn(.casework)) { try await list($0) },
        .get("/students.csv", .signedIn(.casework)) { visit in
            let filter = try visit.call.query { StudentFilter(&$0) }
            let (viewer, students) = try await visit.read(StudentRepository.all(filter))
            let file = StudentFile(words: visit.words, zone: viewer.timeZone, students: students)
            return .csv(file.bytes, name: file.name)
        },
        .post("/students", .signedIn(.casework)) { visit in
            try await visit.attempt {
                try await act(visit)
            } again: {
                try await list($0)
            }
        },
        .post("/students/approve", .signedIn(.casework)) { visit in
            let filter = try visit.call.query { StudentFilter(&$0) }
            let answer = try QueueAnswer(visit)
            guard answer.action == .complete else { throw CaseworkError.notFound }
            let answers = try await answer.give(visit)
            guard answers.refused.isEmpty else {
                let says = answers.refused.map { FieldProblem(field: "", detail: QueueAnswer.says($0, visit.words)) }
                return try await list(visit.with(says))
            }
            return answer.redirect(visit, to: filter.address, answers)
        },
        .post("/students/views", .signedIn(.casework)) { visit in
            try await visit.attempt {
                let filter = try visit.call.query { StudentFilter(&$0) }
                let name = try Fields.read(form: visit.form.fields) { $0.required("name", .text(1...100)) }
                let view = try await SavedViewRepository(work: visit.call.work()).save(name, query: filter.query)
                return visit.redirect(filter.address, done: .saved, subject: view.name)
            } again: {
                try await list($0)
            }
        },
        .post("/students/views/{id}/delete", .signedIn(.casework)) { visit in
            try await SavedViewRepository(work: visit.call.work()).delete(visit.call.id("id"))
            return visit.redirect("/students", done: .deleted)
        },
    ]

    private static func list(_ visit: Visit) async throws -> Response {
        let (filter, request) = try visit.call.query { (StudentFilter(&$0), $0.page()) }
        let (viewer, list, choices, views) = try await visit.read(
            StudentRepository.list(filter, request), StudentRepository.choices, SavedViewRepository.list)
        let page = StudentListPage(
            visit: visit, viewer: viewer, filter: filter, list: list, choices: choices, views: views)
        return visit.page(title: visit.words[StudentText.title], viewer: viewer, current: "/students") { page.html }
    }

    /// What is done with the students that are chosen.
    private static func act(_ visit: Visit) async throws -> Response {
        let filter = try visit.call.query { StudentFilter(&$0) }
        let chosen = try Fields.read(form: visit.form.fields.filter { ["student", "cohortId"].contains($0.key) }) {
            (
                students: $0.value("student", .list(of: 1...Int(Int32.max), atMost: 200), default: []),
                cohort: $0.optional("cohortId", .id)
            )
        }
        guard !chosen.students.isEmpty else { throw CaseworkError.invalid("", .noStudentsChosen) }
        let page = ChosenStudentsPage(visit: visit, filter: filter)
        switch visit.form["action"] ?? "" {
        case "approve":
            let (viewer, waiting) = try await visit.read(QueueRepository.waiting(of: chosen.students))
            return visit.page(
                title: visit.words[StudentText.approve], viewer: viewer, current: "/students"
            ) { page.approval(of: waiting) }
        case "addresses":
            let (viewer, students) = try await visit.read(StudentRepository.addresses(of: chosen.students))
            return visit.page(
                title: visit.words[StudentText.addresses], viewer: viewer, current: "/students"
            ) { page.addresses(students) }
        case "takeOn":
            let count = try await PersonalContacts(work: visit.call.work()).takeOn(chosen.students)
            return visit.redirect(filter.address, done: .takenOn, count: count)
        case "add":
            let enrollments = EnrollmentRepository(work: try visit.call.work(as: .admin))
            guard let cohort = chosen.cohort else { throw CaseworkError.invalid("cohortId", .cohortNotChosen) }
            return visit.redirect(
                filter.address, done: .studentsAdded, count: try await enrollments.add(chosen.students, to: cohort))
        case "remove":
            let enrollments = EnrollmentRepository(work: try visit.call.work(as: .admin))
            guard let cohort = chosen.cohort else { throw CaseworkError.invalid("cohortId", .cohortNotChosen) }
            return visit.redirect(
                filter.address, done: .studentsRemoved,
                count: try await enrollments.remove(chosen.students, from: cohort))
        default: throw CaseworkError.notFound
        }
    }
}
