import Casework
import HTTPTypes
import Tenancy

/// `/departments`.
enum DepartmentAPI {
    private static let name = Schema.Property.field("name", .string(1...200))
    private static let department = Schema.versioned([.field("id", .id), name])
    private static let director = Schema.object([.field("id", .id), .field("name"), .field("email")])

    static let routes: [Route] = [
        Route(
            .get, "/departments", .signedIn(.admin), "Lists the departments by name.",
            query: [Route.Parameter("q", .string(0...200), "part of the name")] + Route.Parameter.paging,
            answer: .page(department)
        ) { call in
            let (search, page) = try call.query { ($0.optional("q", .text(0...200)), $0.page()) }
            return call.answer(try await call.read(DepartmentRepository.list(search: search, page)))
        },
        Route(
            .post, "/departments", .signedIn(.admin), "Makes a department.",
            payload: .json(.object([name])), status: .created, answer: department
        ) { call in
            let draft = try Fields.read(try await call.json()) { DepartmentDraft(&$0) }
            return call.answer(try await repository(call).create(draft), status: .created)
        },
        Route(
            .get, "/departments/{id}", .signedIn(.admin), "Shows a department.", answer: department
        ) { call in
            call.answer(try await call.read(DepartmentRepository.find(try call.id("id"))))
        },
        Route(
            .patch, "/departments/{id}", .signedIn(.admin), "Renames a department.",
            payload: .json(.object([name]).patch), answer: department,
            permission: { .department(try $0.id("id")) }
        ) { call in
            let patch = try Fields.read(try await call.json()) { DepartmentPatch(&$0) }
            return call.answer(
                try await repository(call).update(try call.id("id"), patch, ifMatch: call.ifMatch))
        },
        Route(
            .delete, "/departments/{id}", .signedIn(.admin), "Deletes a department without groups.",
            status: .noContent, permission: { .department(try $0.id("id")) }
        ) { call in
            try await repository(call).delete(try call.id("id"), ifMatch: call.ifMatch)
            return call.nothing
        },
        Route(
            .get, "/departments/{id}/directors", .signedIn(.admin), "Lists who directs a department.",
            query: Route.Parameter.paging, answer: .page(director)
        ) { call in
            call.answer(
                try await call.read(DepartmentRepository.directors(of: try call.id("id"), try call.page())))
        },
        Route(
            .put, "/departments/{id}/directors/{accountId}", .signedIn(.admin), "Makes a director direct a department.",
            status: .noContent, permission: { .department(try $0.id("id")) }, problems: [422]
        ) { call in
            try await repository(call).addDirector(try call.id("accountId"), to: try call.id("id"))
            return call.nothing
        },
        Route(
            .delete, "/departments/{id}/directors/{accountId}", .signedIn(.admin), "Ends a directorship.",
            status: .noContent, permission: { .department(try $0.id("id")) }
        ) { call in
            try await repository(call).removeDirector(try call.id("accountId"), from: try call.id("id"))
            return call.nothing
        },
    ]

    private static func repository(_ call: Call) throws -> DepartmentRepository {
        DepartmentRepository(work: try call.work())
    }
}
