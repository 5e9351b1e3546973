import Casework
import HTTPTypes
import Hummingbird
import NIOCore
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
                    kind: .file(accept: ".csv,text/csv,text/plain"), isRequired: true))
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
        guard let file = try await sent() else {
            throw CaseworkError.invalid("file", .fileNotChosen)
        }
        let isStoring = visit.form["step"] == "store"
        let report = try await run(file, isStoring ? ImportOptions(isPartial: true) : ImportOptions(isDryRun: true))
        if isStoring, report.failed == 0 { return visit.redirect(done, done: "imported") }
        // Stands where the file's text goes, which is too long to hold.
        let mark = "csv-\(UInt64.random(in: .min ... .max))-\(UInt64.random(in: .min ... .max))"
        return try await again(try await preview(report, file, mark: mark), visit).filling(mark, with: file)
    }

    /// The chosen file, or the text of the page before.
    private func sent() async throws -> Spool? {
        if let file = visit.form.files["file"] ?? visit.form.files["csv"] {
            try MediaType(file.type)?.requireUTF8()
            return file.content
        }
        guard let text = visit.form["csv"], !text.isEmpty else { return nil }
        var spool = SpoolWriter()
        try await spool.append(text.utf8)
        return spool.finish()
    }

    /// What would happen or has happened, and the rows that cannot be used, ready to be mended and sent again.
    private func preview(_ report: ImportReport, _ file: Spool, mark: String) async throws -> Visit.Model {
        let words = visit.words
        let failed = report.failures
        let records = try await file.records(on: Set(failed.map(\.line)), room: 1 << 20)
        let header = records.first.contains("@") ? nil : records.first
        return [
            "action": visit.call.request.uri.path, "csrf": visit.csrf, "csv": mark,
            "heading": words.text(report.isDryRun ? "imports.preview" : "imports.left"),
            "counts": counts(report).map { words.text("imports.\($0)", n: $1) },
            "canStore": report.isDryRun && report.added + report.updated > 0,
            "store": words.text("imports.store", n: report.added + report.updated),
            "hasFailed": !failed.isEmpty,
            "failed": failed.prefix(200).map { row -> Visit.Model in
                [
                    "line": words.number(row.line), "email": row.email ?? "",
                    "result": words.text("imports.\(row.result.rawValue)"),
                    "detail": row.problem.map(words.refusal) ?? "",
                ]
            },
            "repair": ([header] + failed.map { records.others[$0.line] }).compactMap { $0 }.joined(separator: "\n"),
        ]
    }

    /// Once the others are stored, only what is left counts.
    private func counts(_ report: ImportReport) -> [(String, Int)] {
        let failed = [("failed", report.failed)]
        guard report.isDryRun else { return failed }
        return [("added", report.added), ("updated", report.updated), ("unchanged", report.unchanged)] + failed
    }
}

extension Response {
    /// The same page with a text in the place of a word, read and escaped while it is sent.
    fileprivate func filling(_ mark: String, with text: Spool) async throws -> Response {
        let page = try await body.collected()
        guard let place = page.firstRange(of: Array(mark.utf8)) else { return self }
        var filled = self
        filled.headers[.contentLength] = nil
        filled.body = ResponseBody { writer in
            try await writer.write(ByteBuffer(bytes: page[..<place.lowerBound]))
            for try await piece in text { try await writer.write(ByteBuffer(bytes: Self.escaped(piece))) }
            try await writer.write(ByteBuffer(bytes: page[place.upperBound...]))
            try await writer.finish(nil)
        }
        return filled
    }

    private static func escaped(_ bytes: [UInt8]) -> [UInt8] {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "&"): escaped += "&amp;".utf8
            case UInt8(ascii: "<"): escaped += "&lt;".utf8
            default: escaped.append(byte)
            }
        }
        return escaped
    }
}

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

    private static func show(_ visit: Visit, report: Visit.Model?) async throws -> Response {
        let viewer = try await visit.viewer()
        var model: Visit.Model = ["import": ImportForm(visit: visit).model(hint: visit.words.text("imports.hint"))]
        if let report { model["report"] = report }
        return try visit.page(
            "imports/show", title: visit.words.text("imports.title"), viewer: viewer, current: "/imports", model)
    }
}
