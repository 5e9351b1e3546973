import Casework
import Hummingbird
import Tenancy

/// The students of a cohort: read in scope, added and removed by admins, one by one or from a file.
enum EnrollmentAPI {
    static let routes: [Route] = [
        Route(
            .get, "/cohorts/{id}/students", .signedIn(.casework), "Lists a cohort's students by family name.",
            query: [Route.Parameter("q", .string(0...200), "part of name, address or student number")]
                + Route.Parameter.paging,
            answer: .page(student), permission: permission
        ) { call in
            let (search, page) = try call.query { ($0.optional("q", .text(0...200)), $0.page()) }
            return call.answer(
                try await call.read(
                    EnrollmentRepository.list(
                        cohort: try call.id("id"), search: search, page)))
        },
        Route(
            .post, "/cohorts/{id}/students", .signedIn(.admin),
            "Adds a student by address, or all of a CSV file of addresses or student numbers.",
            query: ImportAPI.options,
            payload: .jsonOrCSV(.object([.field("email", .string(3...254, format: "email"))])),
            status: .created, answer: student, otherAnswers: [.ok: .any], permission: permission
        ) { call in
            if try call.statedType()?.name == "text/csv" { return try await importMembers(call) }
            let body = try await call.json()
            try refuseOptions(call)
            let email = try Fields.read(body) { $0.required("email", .email) }
            let (student, isNew) = try await EnrollmentRepository(work: try call.work()).add(
                email, to: try call.id("id"))
            return call.answer(student, status: isNew ? .created : .ok)
        },
        Route(
            .delete, "/cohorts/{id}/students/{accountId}", .signedIn(.admin),
            "Takes a student out of a cohort; their progress comes back when they join again.",
            status: .noContent, permission: permission
        ) { call in
            try await EnrollmentRepository(work: try call.work()).remove(
                try call.id("accountId"), from: try call.id("id"))
            return call.nothing
        },
        Route(
            .put, "/cohorts/{id}/students/{accountId}/contact", .signedIn(.casework),
            "Names a student's personal contact in a cohort, of a group that supports it; null: nobody any more",
            payload: .json(.object([.field("accountId", .nullable(.id))])), status: .noContent,
            permission: { .contact(of: try $0.id("accountId"), in: try $0.id("id")) }, problems: [404]
        ) { call in
            let contact = try Fields.read(try await call.json()) {
                $0.patchOptional("accountId", .id)
            }
            guard contact != .absent else { throw CaseworkError.invalid("accountId", .required) }
            try await PersonalContacts(work: try call.work()).name(
                contact.value, of: try call.id("accountId"), in: try call.id("id"))
            return call.nothing
        },
    ]

    /// Who asks for a dry run must not enroll anybody by mistake.
    private static func refuseOptions(_ call: Call) throws {
        let options = try call.importOptions()
        let sent = [("dryRun", options.isDryRun), ("partial", options.isPartial)].filter(\.1)
        guard sent.isEmpty else {
            throw CaseworkError.invalid(sent.map { FieldRefusal($0.0, .csvOnly) })
        }
    }

    private static func importMembers(_ call: Call) async throws -> Response {
        let options = try call.importOptions()
        let file = try await call.importFile()
        return call.answer(
            try await EnrollmentImport(work: try call.work()).run(
                file, into: try call.id("id"), options, says: \.inReport))
    }

    private static let permission: @Sendable (Call) throws -> Permission = { .cohort(try $0.id("id")) }
    private static let student = Schema.object([
        .field("id", .id), .field("email"), .field("givenName"), .field("familyName"),
        .field("preferredName", .nullable(.string())), .field("studentNumber", .nullable(.string())),
    ])
}
