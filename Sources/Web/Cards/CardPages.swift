import Casework
import Hummingbird
import Tenancy

/// Cards: everybody's own, and those of the people one looks after.
enum CardPages {
    static let routes: [PageRoute] = [
        .get("/card", .signedIn(.staff)) { try await own($0) },
        .post("/card", .signedIn(.staff)) { visit in
            try await visit.attempt {
                try await save(visit, account: visit.call.account)
                return visit.redirect("/card", done: .saved, subject: visit.words[CardText.own])
            } again: {
                try await own($0)
            }
        },
        .get("/accounts/{id}/card", .signedIn(.members)) { try await other($0) },
        .post("/accounts/{id}/card", .signedIn(.members)) { visit in
            let id = try visit.call.id("id")
            return try await visit.attempt {
                try await save(visit, account: id)
                let name = try await visit.call.work().read(DirectoryRepository.name(of: id))
                return visit.redirect(
                    "/accounts/\(id)/card", done: .saved,
                    subject: name.map { visit.words[CardText.of, ["name": $0]] })
            } again: {
                try await other($0)
            }
        },
    ]

    private static func save(_ visit: Visit, account: Int) async throws {
        let card = try Fields.read(form: visit.form.fields) { Card(&$0) }
        _ = try await CardRepository(work: visit.call.work()).replace(account, with: card, ifMatch: visit.seenVersion)
    }

    private static func own(_ visit: Visit) async throws -> Response {
        let (viewer, own) = try await visit.read(CardRepository.own)
        let page = CardPage(
            visit: visit, card: own.card, version: own.version, name: viewer.name, heading: visit.words[CardText.own],
            address: "/card", accountEmail: own.accountEmail, origin: nil)
        return visit.page(title: page.heading, viewer: viewer, current: "/card") { page.html }
    }

    private static func other(_ visit: Visit) async throws -> Response {
        let id = try visit.call.id("id")
        let (viewer, known, found) = try await visit.read(DirectoryRepository.name(of: id), CardRepository.find(id))
        var name = known
        if name == nil, viewer.role == "admin" {
            name = try await visit.call.work().read(AccountRepository.find(id)).name
        }
        let person = name ?? visit.words[CardText.somebody]
        let list: MenuText = viewer.role == "admin" ? .accounts : .groups
        let origin = "/\(list.rawValue)"
        let page = CardPage(
            visit: visit, card: found.card, version: found.version, name: person,
            heading: visit.words[CardText.of, ["name": person]],
            address: "/accounts/\(id)/card", accountEmail: found.accountEmail,
            origin: Crumb(text: visit.words[list], address: origin))
        return visit.page(title: page.heading, viewer: viewer, current: origin) { page.html }
    }
}
