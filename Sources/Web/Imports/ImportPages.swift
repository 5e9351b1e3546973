import Casework
import Hummingbird
import Tenancy

/// Making and updating student accounts from the registrar's file.
enum ImportPages {
    static let routes: [PageRoute] = [
        .get("/imports", .signedIn(.admin)) { try await show($0, report: nil) },
        .post("/imports", .signedIn(.admin), files: true) { visit in
            try await visit.attempt {
                let importing = StudentImport(work: try visit.call.work())
                return try await ImportForm(visit: visit).answer(
                    done: "/accounts?role=student", again: { report, visit in try await show(visit, report: report) }
                ) { file, options in
                    try await importing.run(file, options)
                }
            } again: {
                try await show($0, report: nil)
            }
        },
    ]

    private static func show(_ visit: Visit, report: ImportPreview?) async throws -> Response {
        let words = visit.words
        return visit.page(title: words[ImportText.title], viewer: try await visit.viewer(), current: "/imports") {
            pageHead(words[ImportText.title], text: words[ImportText.text])
            if let report { report.html }
            card("upload", words[ImportText.choose]) {
                ImportForm(visit: visit).html(to: "/imports", hint: words[ImportText.hint], .primary)
            }
            moduleScript(visit.kit.assets[.upload])
        }
    }
}
