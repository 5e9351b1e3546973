import Casework
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
        guard let day = CalendarDay.reading(text) else { return nil }
        let middle = Date(timeIntervalSince1970: Double(day.dayNumber) * 86_400 + 43_200)
        let offset = (TimeZone(identifier: zone) ?? .gmt).secondsFromGMT(for: middle)
        return middle.addingTimeInterval(Double(43_199 - offset)).machineText
    }

    private static func list(_ visit: Visit, made: NewAPIToken? = nil) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let now = visit.call.now
        let tokens = try await TokenRepository(work: visit.call.work()).list(visit.call.page())
        let chosen = visit.form.fields["scopes"] ?? (visit.form.fields.isEmpty ? [TokenScope.read.rawValue] : [])
        var model: Visit.Model = [
            "hasTokens": !tokens.items.isEmpty, "pager": visit.pagerModel(tokens.next),
            "tokens": tokens.items.map { token -> Visit.Model in
                [
                    "token": String(token.id), "tokenName": token.name, "maker": token.makerName,
                    "may": token.scopes.map { words.text("tokens.scope-\($0.rawValue)") }.joined(separator: ", "),
                    "until": words.instant(token.expiresAt, zone: viewer.timeZone),
                    "moment": token.expiresAt.machineText,
                    "expired": token.expiresAt <= now,
                ]
            },
            "fields": visit.inputs([
                Input(
                    name: "name", label: words.text("tokens.name"), hint: words.text("tokens.nameHint"),
                    isRequired: true,
                    limit: 200),
                Input(
                    name: "expiresAt", label: words.text("tokens.lastDay"), hint: words.text("tokens.lastDayHint"),
                    kind: .line(type: "date"), value: viewer.today.shifted(days: 90).isoText, isRequired: true),
            ]),
            "scopes": TokenScope.allCases.map { scope -> Visit.Model in
                var entry: Visit.Model = [
                    "scope": scope.rawValue, "says": words.text("tokens.scope-\(scope.rawValue)"),
                ]
                if chosen.contains(scope.rawValue) { entry["chosen"] = true }
                return entry
            },
        ]
        if let problem = visit.problems.first(where: { $0.field == "scopes" }) { model["scopesError"] = problem.detail }
        if let made { model["made"] = ["secret": made.secret.text, "madeName": made.token.name] }
        var response = try visit.page(
            "tokens/list", title: words.text("tokens.heading"), viewer: viewer, current: "/tokens", model)
        if made != nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}
