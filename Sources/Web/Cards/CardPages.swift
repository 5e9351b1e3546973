import Casework
import Hummingbird
import Tenancy

/// Cards: everybody's own, and those of the people one looks after.
enum CardPages {
    static let routes: [PageRoute] = [
        .get("/card", .signedIn(.staff)) { try await own($0) },
        .post("/card", .signedIn(.staff)) { visit in
            try await visit.attempt {
                try await save(visit, account: visit.viewer().id)
                return visit.redirect("/card", done: .saved)
            } again: {
                try await own($0)
            }
        },
        .get("/accounts/{id}/card", .signedIn(.members)) { try await other($0) },
        .post("/accounts/{id}/card", .signedIn(.members)) { visit in
            let id = try visit.call.id("id")
            return try await visit.attempt {
                try await save(visit, account: id)
                return visit.redirect("/accounts/\(id)/card", done: .saved)
            } again: {
                try await other($0)
            }
        },
    ]

    private static func save(_ visit: Visit, account: Int) async throws {
        let card = try Fields.read(form: visit.form.fields) { Card(&$0) }
        _ = try await CardRepository(work: visit.call.work()).replace(account, with: card, ifMatch: .any)
    }

    private static func own(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        return try await show(
            visit, viewer, account: viewer.id, of: viewer.name, heading: visit.words.text("cards.own"),
            address: "/card",
            current: "/card")
    }

    private static func other(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let id = try visit.call.id("id")
        var name = try await DirectoryRepository(work: visit.call.work()).name(of: id)
        if name == nil, viewer.role == "admin" {
            name = try await AccountRepository(work: visit.call.work()).find(id).fullName
        }
        let person = name ?? visit.words.text("cards.somebody")
        return try await show(
            visit, viewer, account: id, of: person, heading: visit.words.text("cards.of", ["name": person]),
            address: "/accounts/\(id)/card", current: viewer.role == "admin" ? "/accounts" : "/groups")
    }

    private static func show(
        _ visit: Visit, _ viewer: Viewer, account: Int, of name: String, heading: String, address: String,
        current: String
    ) async throws -> Response {
        let words = visit.words
        let card = try await CardRepository(work: visit.call.work()).find(account).card
        var model: Visit.Model = [
            "cardHeading": heading, "address": address, "fields": visit.inputs(fields(words, card)),
            "preview": preview(words, card, name: name), "isPublished": card.isPublished,
        ]
        if address != "/card" {
            model["crumb"] = ["to": current, "says": words.text("menu\(current.replacing("/", with: "."))")]
        }
        return try visit.page("cards/show", title: heading, viewer: viewer, current: current, model)
    }

    /// As students see it in the directory.
    private static func preview(_ words: Catalogue, _ card: Card, name: String) -> Visit.Model {
        var model: Visit.Model = ["name": name, "initials": name.initials]
        let facts = [card.title, card.office, card.location, card.phone, card.hours].compactMap { $0 }
        if !facts.isEmpty { model["facts"] = facts.joined(separator: " · ") }
        if let biography = card.biography { model["biography"] = biography }
        if let booking = card.bookingURL {
            model["contact"] = ["href": booking, "label": words.text("people.book"), "person": name, "outside": true]
        }
        return model
    }

    private static func fields(_ words: Catalogue, _ card: Card) -> [Input] {
        [
            Input(
                name: "title", label: words.text("cards.role"), hint: words.text("cards.roleHint"), value: card.title,
                limit: 200),
            Input(name: "office", label: words.text("cards.office"), value: card.office, limit: 200),
            Input(
                name: "phone", label: words.text("cards.phone"), kind: .line(type: "tel"), value: card.phone, limit: 100
            ),
            Input(name: "location", label: words.text("cards.location"), value: card.location, limit: 200),
            Input(name: "hours", label: words.text("cards.hours"), kind: .text, value: card.hours, limit: 1_000),
            Input(
                name: "bookingURL", label: words.text("cards.booking"), hint: words.text("cards.bookingHint"),
                kind: .line(type: "url"), value: card.bookingURL, limit: 2_000),
            Input(
                name: "biography", label: words.text("cards.biography"), kind: .text, value: card.biography,
                limit: 10_000),
            Input(
                name: "published", label: words.text("cards.publish"), hint: words.text("cards.publishHint"),
                kind: .check,
                value: card.isPublished ? "true" : "false"),
        ]
    }
}
