import Casework
import FoundationEssentials
import Hummingbird
import Tenancy

/// `/inbox`: what the caller is to know.
enum InboxAPI {
    static let routes: [Route] = [
        Route(
            .get, "/inbox", .signedIn(.progress), "What the caller is to know, newest first",
            query: [.init("unread", .boolean, "Only what is not marked as read")] + Route.Parameter.paging,
            answer: .page(entry), problems: [404]
        ) { call in
            let (unreadOnly, page) = try call.query { ($0.value("unread", .bool, default: false), $0.page()) }
            return call.answer(try await call.read(InboxRepository.list(unreadOnly: unreadOnly, page)))
        },
        Route(
            .post, "/inbox/read", .signedIn(.progress),
            "Marks entries as read: those named, or all that had come by a moment",
            payload: .json(
                .object([.optional("ids", .array(.string(1...100))), .optional("until", .instant)])),
            answer: .object([.field("unread", .integer(0...InboxRepository.mostCounted))]), problems: [404]
        ) { call in
            let reading = try InboxReading(json: try await call.json())
            try await reading.store(InboxRepository(work: try call.work()))
            return call.answer(Unread(count: try await call.read(InboxRepository.unread)))
        },
    ]

    private static let entry = Schema.object([
        .field("id"), .field("kind", .choice(InboxEntry.Kind.allCases.map(\.rawValue))), .field("at", .instant),
        .field("unread", .boolean), .field("event", .nullable(.string())), .field("person", .nullable(.string())),
        .field("cohortId", .nullable(.id)), .field("cohort", .nullable(.string())),
        .field("milestoneId", .nullable(.id)), .field("milestone", .nullable(.string())),
        .field("studentId", .nullable(.id)), .field("group", .nullable(.string())),
        .field("comment", .nullable(.string())), .field("number", .integer()),
    ])

    private struct Unread: JSONEncodable {
        let count: Int

        func write(to json: inout JSONWriter) { json.object { $0.field("unread", count) } }
    }
}

/// What is to be marked as read.
struct InboxReading {
    private let ids: [String]
    private let until: Date?

    /// - Throws: `CaseworkError.invalid` where it is neither or both.
    init(json: JSONObject) throws {
        try self.init(Fields.read(json) { InboxReading(&$0) })
    }

    /// A page's form says the same.
    init(form: Form) throws {
        try self.init(Fields.read(form: form.fields) { InboxReading(&$0) })
    }

    private init(_ read: InboxReading) throws {
        guard read.ids.isEmpty != (read.until == nil) else { throw CaseworkError.invalid("ids", .nothingChosen) }
        self = read
    }

    private init(_ fields: inout Fields) {
        ids = fields.value("ids", .texts(atMost: 200, 1...100), default: [])
        until = fields.optional("until", .instant)
    }

    func store(_ inbox: InboxRepository) async throws {
        if let until { try await inbox.markRead(until: until) } else { try await inbox.markRead(ids) }
    }
}
