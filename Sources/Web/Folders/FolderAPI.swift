import Casework
import Hummingbird
import Tenancy

/// The folder from which files of people are taken, and what became of those; for admins in person.
enum FolderAPI {
    private static let folder = Schema.versioned([
        .field("enabled", .boolean), .field("suspendsMissing", .boolean), .field("partial", .boolean),
    ])
    private static let draft = Schema.object([
        .optional("enabled", .boolean), .optional("suspendsMissing", .boolean), .optional("partial", .boolean),
    ])
    private static let counts = ["added", "updated", "unchanged", "failed", "skipped", "suspended", "leaving"]
    private static let file = Schema.object(
        [
            .field("id", .id), .field("name"), .field("size", .integer()), .field("sha256", .nullable(.string())),
            .field("state", .choice(FolderFile.State.allCases.map(\.rawValue))), .field("accountId", .nullable(.id)),
            .field("mostSuspended", .nullable(.integer())), .field("startedAt", .instant),
            .field("endedAt", .nullable(.instant)),
            .field("fault", .nullable(.choice(FolderFault.Kind.allCases.map(\.rawValue)))),
            .field("detail", .nullable(.string())), .field("faultCount", .nullable(.integer())),
            .field("faultMost", .nullable(.integer())), .field("problems", .array(.string())),
        ] + counts.map { .field($0, .integer()) })

    static let routes: [Route] = [
        Route(
            .get, "/imports/folder", .signedIn(.adminInPerson),
            "Whether files are taken from the institution's folder, and how", answer: folder
        ) { call in
            call.answer(try await call.read(ImportFolderRepository.find()))
        },
        Route(
            .put, "/imports/folder", .signedIn(.adminInPerson),
            "Rule whether files are taken from the institution's folder, and how. What is not sent is off",
            payload: .json(draft), answer: folder
        ) { call in
            let draft = try Fields.read(try await call.json()) { ImportFolderDraft(&$0) }
            return call.answer(
                try await ImportFolderRepository(work: call.work()).set(draft, ifMatch: call.ifMatch))
        },
        Route(
            .get, "/imports/folder/files", .signedIn(.adminInPerson),
            "Lists the files that were taken from the folder, newest first", query: Route.Parameter.paging,
            answer: .page(file)
        ) { call in
            call.answer(try await call.read(ImportFolderRepository.files(call.page())))
        },
        Route(
            .post, "/imports/folder/files/{id}/approve", .signedIn(.adminInPerson),
            "Say yes to a file that waits: so many people may be suspended, or leave their cohorts",
            payload: .json(.object([.field("mostSuspended", .integer(0...1_000_000))])), answer: file,
            permission: { .folderFile(try $0.id("id")) }, problems: [409]
        ) { call in
            let most = try Fields.read(try await call.json()) { $0.required("mostSuspended", .int(0...1_000_000)) }
            return call.answer(
                try await ImportFolderRepository(work: call.work()).approve(call.id("id"), mostSuspended: most))
        },
        Route(
            .post, "/imports/folder/files/{id}/decline", .signedIn(.adminInPerson),
            "Say no to a file that waits", answer: file,
            permission: { .folderFile(try $0.id("id")) }, problems: [409]
        ) { call in
            call.answer(try await ImportFolderRepository(work: call.work()).decline(call.id("id")))
        },
    ]
}
