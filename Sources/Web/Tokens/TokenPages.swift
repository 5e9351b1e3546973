import Casework
import Dates
import Foundation
import Hummingbird
import Tenancy

/// API tokens, for admins in person: a new one's text is shown once.
enum TokenPages {
    static let routes: [PageRoute] = [
        .get("/tokens", .signedIn(.adminInPerson)) { try await list($0) },
        .post("/tokens", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let zone = try await visit.viewer().timeZone
                var fields = visit.form.fields
                if let end = fields["expiresAt"]?.first.flatMap({ lastMoment(of: $0, zone: zone) }) {
                    fields["expiresAt"] = [end]
                }
                let now = visit.call.now
                let draft = try Fields.read(form: fields) { APITokenDraft(&$0, now: now) }
                let made = try await TokenRepository(work: visit.call.work()).create(draft)
                return try await list(visit.untyped, made: made)
            } again: {
                try await list($0)
            }
        },
        .post("/tokens/{id}/revoke", .signedIn(.adminInPerson)) { visit in
            try await TokenRepository(work: visit.call.work()).revoke(visit.call.id("id"))
            return visit.redirect("/tokens", done: .revoked)
        },
    ]

    /// The last second of a day in a zone, in RFC 3339; nil where the text is no day.
    private static func lastMoment(of text: String, zone: String) -> String? {
        guard let day = CalendarDate(text) else { return nil }
        let middle = Date(timeIntervalSince1970: Double(day.daysSince1970) * 86_400 + 43_200)
        let offset = (TimeZone(identifier: zone) ?? .gmt).secondsFromGMT(for: middle)
        return middle.addingTimeInterval(Double(43_199 - offset)).machineText
    }

    private static func list(_ visit: Visit, made: NewAPIToken? = nil) async throws -> Response {
        let (viewer, tokens) = try await visit.read(TokenRepository.list(visit.call.page()))
        let list = TokenListPage(
            visit: visit, viewer: viewer, tokens: tokens.items, next: tokens.next, made: made)
        var response = visit.page(title: visit.words[TokenText.heading], viewer: viewer, current: "/tokens") {
            list.html
        }
        if made != nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}
