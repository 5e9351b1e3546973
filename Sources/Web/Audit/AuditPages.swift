import Casework
import Hummingbird
import Tenancy

/// What everybody did, for admins.
enum AuditPages {
    static let routes: [PageRoute] = [
        .get("/audit", .signedIn(.admin)) { visit in
            do {
                let (filter, page) = try visit.call.query { (AuditFilter(&$0), $0.page()) }
                return try await list(visit, filter, page)
            } catch CaseworkError.invalid(let problems) {
                return try await list(visit.with(problems), AuditFilter(), PageRequest())
            }
        }
    ]

    private static func list(_ visit: Visit, _ filter: AuditFilter, _ page: PageRequest) async throws -> Response {
        let search = try visit.call.query { AuditSearch(&$0) }
        let (viewer, entries) = try await visit.read(AuditRepository.list(filter, page))
        let list = AuditListPage(
            visit: visit, search: search, entries: entries.items, next: entries.next, timeZone: viewer.timeZone)
        return visit.page(title: visit.words[AuditText.heading], viewer: viewer, current: "/audit") { list.html }
    }
}
