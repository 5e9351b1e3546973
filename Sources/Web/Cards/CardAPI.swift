import Casework
import HTTPTypes
import Tenancy

/// `/accounts/{id}/card`.
enum CardAPI {
    /// A card in answers.
    static let shape = Schema.versioned([
        .field("title", .nullable(.string())), .field("office", .nullable(.string())),
        .field("email", .nullable(.string())), .field("phone", .nullable(.string())),
        .field("location", .nullable(.string())),
        .field("biography", .nullable(.string())), .field("hours", .nullable(.string())),
        .field("bookingURL", .nullable(.string(format: "uri"))), .field("published", .boolean),
    ])

    private static let body = Schema.object([
        .optional("title", .nullable(.string(0...200))), .optional("office", .nullable(.string(0...200))),
        .optional("email", .nullable(.string(0...254))), .optional("phone", .nullable(.string(0...100))),
        .optional("location", .nullable(.string(0...200))),
        .optional("biography", .nullable(.string(0...10_000))), .optional("hours", .nullable(.string(0...1_000))),
        .optional("bookingURL", .nullable(.string(0...2_000))),
        .optional("published", .nullable(.boolean)),
    ])

    static let routes: [Route] = [
        Route(
            .get, "/accounts/{id}/card", .signedIn(.staff), "Shows the card of somebody who is not a student.",
            answer: shape, permission: { .card(try $0.id("id")) }, problems: [422]
        ) { call in
            call.answer(try await call.read(CardRepository.find(try call.id("id"))))
        },
        Route(
            .put, "/accounts/{id}/card", .signedIn(.staff), "Replaces the card of somebody who is not a student.",
            payload: .json(body), answer: shape, permission: { .card(try $0.id("id")) }, problems: [412]
        ) { call in
            let card = try Fields.read(try await call.json()) { Card(&$0) }
            return call.answer(
                try await CardRepository(work: try call.work()).replace(
                    try call.id("id"), with: card, ifMatch: call.ifMatch))
        },
    ]
}
