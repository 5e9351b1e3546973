import Casework
import Hummingbird
import Tenancy

/// `/calendar`: the secret address of the caller's own calendar. Nothing for programs: they would keep a way in that outlives
/// their token.
enum CalendarAPI {
    static let routes: [Route] = [
        Route(
            .get, "/calendar", .signedIn(.readers), "Tells since when the caller's calendar has a secret address",
            answer: .object(feed), problems: [404]
        ) { call in
            try call.demandPerson()
            guard let feed = try await call.read(CalendarFeedRepository.find) else { throw CaseworkError.notFound }
            return call.answer(feed)
        },
        Route(
            .post, "/calendar", .signedIn(.readers),
            "Gives the caller's calendar a secret address, told this once; an earlier one ends",
            payload: .optionalJSON(.object([.optional("language", .choice(Catalogue.languages))])), status: .created,
            answer: .object(feed + [.field("url")]), problems: [404]
        ) { call in
            try call.demandPerson()
            let language = try Fields.read(try await call.json()) {
                $0.value("language", .language, default: Catalogue.languages[0])
            }
            return call.answer(try await call.makeCalendar(language: language), status: .created)
        },
        Route(
            .delete, "/calendar", .signedIn(.readers), "Ends the secret address of the caller's calendar",
            status: .noContent, problems: [404]
        ) { call in
            try call.demandPerson()
            try await CalendarFeedRepository(work: try call.work()).revoke()
            return call.nothing
        },
    ]

    private static let feed: [Schema.Property] = [
        .field("createdAt", .instant), .field("language", .choice(Catalogue.languages)),
    ]
}

/// A feed just made, with its address, which is shown this once.
struct NewCalendar: JSONEncodable {
    let feed: CalendarFeed
    let address: String

    func write(to json: inout JSONWriter) {
        json.object {
            feed.writeMembers(to: &$0)
            $0.field("url", address)
        }
    }
}

extension Call {
    /// Makes the caller's calendar feed anew.
    func makeCalendar(language: String) async throws -> NewCalendar {
        let (feed, secret) = try await CalendarFeedRepository(work: work()).make(language: language)
        return NewCalendar(feed: feed, address: "https://\(authority)/calendar/\(secret.text).ics")
    }
}

extension FieldRule where Value == String {
    /// A language that there are texts in.
    static var language: FieldRule {
        FieldRule(placeholder: "") { (text) throws(Refusal) in
            guard Catalogue.languages.contains(text) else {
                throw Refusal(.notAChoice, ["choices": .list(Catalogue.languages)])
            }
            return text
        }
    }
}
