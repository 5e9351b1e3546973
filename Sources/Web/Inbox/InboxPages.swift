import Casework
import Hummingbird
import Tenancy

/// Everybody's inbox: what one is to know, why, and where that leads.
enum InboxPages {
    static let routes: [PageRoute] = [
        .get("/inbox", .signedIn(.progress)) { try await show($0) },
        .post("/inbox/read", .signedIn(.progress)) { visit in
            var form = visit.form
            let back = form.fields.removeValue(forKey: "to")?.first.flatMap(\.ownPath) ?? "/inbox"
            try await InboxReading(form: form).store(InboxRepository(work: visit.call.work()))
            return visit.redirect(back)
        },
    ]

    private static func show(_ visit: Visit) async throws -> Response {
        let (unreadOnly, page) = try visit.call.query { ($0.value("unread", .bool, default: false), $0.page()) }
        let (viewer, entries) = try await visit.read(InboxRepository.list(unreadOnly: unreadOnly, page))
        let list = InboxPage(
            visit: visit, viewer: viewer, entries: entries.items, next: entries.next, unreadOnly: unreadOnly)
        return visit.page(title: visit.words[InboxText.title], viewer: viewer, current: "/inbox") { list.html }
    }
}
