import Casework
import Hummingbird
import Tenancy

/// The server from which the institution's roster is fetched, and its runs; for admins in person.
enum RosterSourceAPI {
    private static let source = Schema.versioned([
        .field("enabled", .boolean), .field("baseUrl", .nullable(.string(1...500))),
        .field("tokenUrl", .nullable(.string(1...500))), .field("clientId", .nullable(.string(1...500))),
        .field("hasClientSecret", .boolean), .field("scope", .nullable(.string(1...1_000))),
        .field("everyHours", .number(RosterSource.intervals)), .field("hour", .integer(0...23)),
        .field("suspendsMissing", .boolean), .field("partial", .boolean),
        .field("nextRunAt", .nullable(.instant)), .field("readTo", .nullable(.instant)),
        .field("wholeAt", .nullable(.instant)),
    ])
    private static let draft = Schema.object([
        .optional("enabled", .boolean), .optional("baseUrl", .nullable(.string(0...500))),
        .optional("tokenUrl", .nullable(.string(0...500))), .optional("clientId", .nullable(.string(0...500))),
        .optional("clientSecret", .nullable(.string(1...1_024))), .optional("scope", .nullable(.string(0...1_000))),
        .optional("everyHours", .number(RosterSource.intervals)), .optional("hour", .integer(0...23)),
        .optional("suspendsMissing", .boolean), .optional("partial", .boolean),
    ])
    private static let counts = [
        "records", "added", "updated", "unchanged", "failed", "skipped", "suspended", "leaving",
    ]
    private static let run = Schema.object(
        [
            .field("id", .id), .field("state", .choice(RosterRun.State.allCases.map(\.rawValue))),
            .field("accountId", .nullable(.id)), .field("whole", .boolean), .field("short", .boolean),
            .field("mostSuspended", .nullable(.integer())), .field("askedAt", .instant),
            .field("startedAt", .nullable(.instant)), .field("endedAt", .nullable(.instant)),
            .field("fault", .nullable(.choice(RosterFault.Kind.allCases.map(\.rawValue)))),
            .field("detail", .nullable(.string())), .field("faultCount", .nullable(.integer())),
            .field("faultMost", .nullable(.integer())), .field("problems", .array(.string())),
        ] + counts.map { .field($0, .integer()) })

    static let routes: [Route] = [
        Route(
            .get, "/settings/roster-source", .signedIn(.adminInPerson),
            "The OneRoster server from which the roster is fetched; its secret never comes out", answer: source
        ) { call in
            call.answer(try await call.read(RosterSourceRepository.find()))
        },
        Route(
            .put, "/settings/roster-source", .signedIn(.adminInPerson),
            "Set the OneRoster server. It is asked every so many hours of the institution's day, counted from `hour`; 24 is once a day. "
                + "What is not sent takes its default, but for `clientSecret`: it stays, unless an address or `clientId` is another",
            payload: .json(draft), answer: source, problems: [409]
        ) { call in
            let draft = try Fields.read(try await call.json()) { RosterSourceDraft(&$0) }
            let source = try await RosterSourceRepository(work: call.work())
                .set(draft, ifMatch: call.ifMatch, keys: call.site.requireSecretKeys)
            return call.answer(source)
        },
        Route(
            .post, "/settings/roster-source/test", .signedIn(.adminInPerson),
            "Ask the stored server for a token and one record. `fault` says why it cannot be used",
            answer: .object([
                .field("usable", .boolean),
                .field("fault", .nullable(.choice(RosterFault.Kind.allCases.map(\.rawValue)))),
                .field("detail", .nullable(.string())),
            ]), problems: [409]
        ) { call in
            call.answer(try await RosterTrial(call))
        },
        Route(
            .get, "/settings/roster-source/runs", .signedIn(.adminInPerson),
            "Lists each time that the roster was fetched, newest first", query: Route.Parameter.paging,
            answer: .page(run)
        ) { call in
            call.answer(try await call.read(RosterSourceRepository.runs(call.page())))
        },
        Route(
            .post, "/settings/roster-source/runs", .signedIn(.adminInPerson),
            "Fetch the roster as soon as a worker comes by: what has changed, or with `whole` all there is",
            payload: .optionalJSON(
                .object([
                    .optional("whole", .boolean), .optional("mostSuspended", .nullable(.integer(0...1_000_000))),
                ])), status: .accepted, answer: run, problems: [409]
        ) { call in
            let draft = try Fields.read(try await call.json()) { RosterRunDraft(&$0) }
            return call.answer(try await RosterSourceRepository(work: call.work()).start(draft), status: .accepted)
        },
    ]
}

/// What came of asking the server whether it can be used.
struct RosterTrial: JSONEncodable {
    /// Nil where it can be used.
    let fault: RosterFault?

    init(_ call: Call) async throws {
        guard let source = try await call.read(TestedSource.reading) else {
            throw CaseworkError.conflict(Refusal(.rosterNotSet))
        }
        do {
            try await RosterFetch.test(
                source, in: call.institution, client: call.site.outgoing, keys: call.site.secretKeys)
            fault = nil
        } catch let found as RosterFault {
            fault = found
        }
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("usable", fault == nil)
            $0.field("fault", fault?.kind)
            $0.field("detail", fault?.detail)
        }
    }
}
