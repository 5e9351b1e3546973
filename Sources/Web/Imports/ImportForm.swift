import Casework
import Hummingbird
import Tenancy

/// A CSV file by browser, in two steps: first each row's fate, then storing what fits. The file's text travels in the form,
/// so nothing waits on the server and nothing is half done.
struct ImportForm {
    let visit: Visit

    /// The empty form.
    func model(hint: String) -> Visit.Model {
        [
            "file": visit.input(
                Input(
                    name: "file", label: visit.words.text("imports.file"), hint: hint,
                    kind: .file(accept: ".csv,text/csv,text/plain")))
        ]
    }

    /// Runs the step the form asks for.
    /// - Parameters:
    ///   - done: where to go once rows are stored.
    ///   - again: shows the form's page with a report.
    ///   - run: the import itself.
    func answer(
        done: String, again: (Visit.Model, Visit) async throws -> Response,
        run: (Spool, ImportOptions) async throws -> ImportReport
    ) async throws -> Response {
        let bytes: [UInt8]
        if let file = visit.form.files["file"] {
            bytes = file.bytes
        } else if let text = visit.form["csv"], !text.isEmpty {
            bytes = Array(text.utf8)
        } else {
            throw CaseworkError.invalid("file", visit.words.text("imports.noFile"))
        }
        var file = SpoolWriter()
        try file.append(bytes)
        if visit.form["step"] == "store" {
            let report = try await run(file.finish(), ImportOptions(isPartial: true))
            if report.failed == 0 { return visit.redirect(done, done: "imported") }
            return try await again(try await preview(report, bytes), visit)  // with the rows that are left
        }
        let report = try await run(file.finish(), ImportOptions(isDryRun: true))
        return try await again(try await preview(report, bytes), visit)
    }

    /// What would happen or has happened, and the rows that cannot be used, ready to be mended and sent again.
    private func preview(_ report: ImportReport, _ bytes: [UInt8]) async throws -> Visit.Model {
        let words = visit.words
        var json: [UInt8] = []
        for try await part in report.json { json += part }
        let rows = try JSONObject(parsing: json)["rows"].flatMap { if case .array(let rows) = $0 { rows } else { nil } }
        let failed = (rows ?? []).compactMap(Row.init(value:)).filter { Row.failing.contains($0.result) }
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        let header = lines.first.map(String.init) ?? ""
        let hasHeader = !header.contains("@")
        let repair = failed.compactMap { lines.indices.contains($0.line - 1) ? String(lines[$0.line - 1]) : nil }
        return [
            "action": visit.call.request.uri.path, "csrf": visit.csrf, "csv": text,
            "heading": words.text(report.isDryRun ? "imports.preview" : "imports.left"),
            "counts":
                (report.isDryRun
                ? [("added", report.added), ("updated", report.updated), ("unchanged", report.unchanged)] : [])
                .map { words.text("imports.\($0)", n: $1) } + [words.text("imports.failed", n: report.failed)],
            "canStore": report.isDryRun && report.added + report.updated > 0,
            "store": words.text("imports.store", n: report.added + report.updated),
            "hasFailed": !failed.isEmpty,
            "failed": failed.prefix(200).map { row -> Visit.Model in
                [
                    "line": words.number(row.line), "email": row.email,
                    "result": words.text("imports.\(row.result)"), "detail": words.sentence(row.detail),
                ]
            },
            "repair": ((hasHeader ? [header] : []) + repair.prefix(2_000)).joined(separator: "\n"),
        ]
    }

    private struct Row {
        static let failing: Set<String> = ["unknown", "not-a-student", "invalid"]

        let line: Int
        let email: String
        let result: String
        let detail: String

        init?(value: JSONValue) {
            guard case .object(let row) = value, case .number(let line)? = row["line"], let number = line.integer,
                case .string(let result)? = row["result"]
            else { return nil }
            self.line = number
            self.result = result
            email = if case .string(let text)? = row["email"] { text } else { "" }
            detail = if case .string(let text)? = row["detail"] { text } else { "" }
        }
    }
}

/// Making and updating student accounts from the registrar's file.
enum ImportPages {
    static let routes: [PageRoute] = [
        .get("/imports", .signedIn(.admin)) { try await show($0, report: nil) },
        .post("/imports", .signedIn(.admin)) { visit in
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

    private static func show(_ visit: Visit, report: Visit.Model?) async throws -> Response {
        let viewer = try await visit.viewer()
        var model: Visit.Model = ["import": ImportForm(visit: visit).model(hint: visit.words.text("imports.hint"))]
        if let report { model["report"] = report }
        return try visit.page(
            "imports/show", title: visit.words.text("imports.title"), viewer: viewer, current: "/imports", model)
    }
}
