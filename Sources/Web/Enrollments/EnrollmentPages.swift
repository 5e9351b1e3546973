import Casework
import Hummingbird
import NIOCore
import Tenancy

/// A cohort's students: who is in it, adding one by address or many by CSV, and taking somebody out.
enum EnrollmentPages {
    static let routes: [PageRoute] = [
        .get("/cohorts/{id}/students", .signedIn(.casework)) { try await list($0) },
        .post("/cohorts/{id}/students/{student}/remove", .signedIn(.admin)) { visit in
            let id = try visit.call.id("id")
            try await EnrollmentRepository(work: visit.call.work()).remove(visit.call.id("student"), from: id)
            return visit.redirect("/cohorts/\(id)/students", done: .removed)
        },
        .get("/cohorts/{id}/add-students", .signedIn(.admin)) { try await add($0) },
        .post("/cohorts/{id}/add-students", .signedIn(.admin)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                let email = try Fields.read(form: visit.form.fields) { $0.required("email", .email) }
                _ = try await EnrollmentRepository(work: visit.call.work()).add(email, to: id)
                return visit.redirect("/cohorts/\(id)/add-students", done: .added)
            } again: {
                try await add($0)
            }
        },
        .post("/cohorts/{id}/import-students", .signedIn(.admin), files: true) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                let importing = EnrollmentImport(work: try visit.call.work())
                return try await ImportForm(visit: visit, fields: EnrollmentImport.fields).answer(
                    done: "/cohorts/\(id)/students", again: { report, visit in try await add(visit, report: report) }
                ) { file, options, columns in
                    try await importing.run(file, into: id, options, columns: columns)
                }
            } again: {
                try await add($0)
            }
        },
    ]

    private static func list(_ visit: Visit) async throws -> Response {
        let (search, page) = try visit.call.query { ($0.optional("q", .text(1...200)), $0.page()) }
        let students = try EnrollmentRepository.list(cohort: visit.call.id("id"), search: search, page)
        return try await visit.cohortPage(.students, students) { cohort, viewer, students in
            EnrollmentListPage(
                visit: visit, cohort: cohort.id, students: students, search: search, enrolls: viewer.role == "admin"
            ).html
        }
    }

    private static func add(_ visit: Visit, report: ImportPreview? = nil) async throws -> Response {
        try await visit.cohortPage(.addStudents) { cohort, _ in
            AddStudentsPage(visit: visit, cohort: cohort.id, report: report).html
        }
    }
}
