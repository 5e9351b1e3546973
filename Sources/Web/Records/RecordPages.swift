import Casework
import Hummingbird
import Tenancy

/// The copy of a student's record, for browsers; and erasing a student.
enum RecordPages {
    static let routes: [PageRoute] = [
        .get("/account/record", .signedIn(.student)) { visit in
            try await RecordAPI.send(visit.call, try await visit.call.work().enter())
        },
        .get("/students/{id}/record", .signedIn(.adminInPerson)) { visit in
            try await RecordAPI.send(visit.call, try visit.call.id("id"))
        },
        .get("/students/{id}/erasure", .signedIn(.adminInPerson)) { try await showErasure($0) },
        .post("/students/{id}/erasure", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                let confirmation = try Fields.read(form: visit.form.fields) {
                    $0.required("confirmation", .text(1...500))
                }
                _ = try await ErasureRepository(work: visit.call.work()).erase(id, confirmation: confirmation)
                return visit.redirect("/accounts/\(id)", done: .erased)
            } again: {
                try await showErasure($0)
            }
        },
    ]

    private static func showErasure(_ visit: Visit) async throws -> Response {
        let (viewer, student) = try await visit.read(ErasureRepository.find(visit.call.id("id")))
        let page = ErasurePage(visit: visit, student: student, timeZone: viewer.timeZone)
        return visit.page(title: visit.words[ErasureText.title], viewer: viewer, current: "/accounts") { page.html }
    }
}
