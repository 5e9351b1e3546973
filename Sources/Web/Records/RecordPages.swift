import Casework
import Hummingbird
import Tenancy

/// The copy of a student's record, for browsers.
enum RecordPages {
    static let routes: [PageRoute] = [
        .get("/account/record", .signedIn(.student)) { visit in
            try await RecordAPI.send(visit.call, try await visit.call.work().enter())
        },
        .get("/students/{id}/record", .signedIn(.adminInPerson)) { visit in
            try await RecordAPI.send(visit.call, try visit.call.id("id"))
        },
    ]
}
