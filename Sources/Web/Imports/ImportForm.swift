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
    /// - Parameter kind: of its button.
    func html(to address: String, hint: String, _ kind: ButtonKind = .plain) -> HTML {
        visit.postForm(.class("form"), .multipart, to: address) {
            visit.field(
                Input(
                    name: "file", label: visit.words[ImportText.file], hint: hint,
                    kind: .file(accept: ".csv,text/csv,text/plain"), isRequired: true))
            actions { submitButton(visit.words[ImportText.check], kind) }
            uploadProgress(visit.words)
        }
    }

    /// Runs the step the form asks for.
    /// - Parameters:
    ///   - done: where to go once rows are stored.
    ///   - again: shows the form's page with a report.
    ///   - run: the import itself.
    func answer(
        done: String, again: (ImportPreview, Visit) async throws -> Response,
        run: (Spool, ImportOptions) async throws -> ImportReport
    ) async throws -> Response {
        guard let file = try await sent() else {
            throw CaseworkError.invalid("file", .fileNotChosen)
        }
        let isStoring = visit.form["step"] == "store"
        let report = try await run(file, isStoring ? ImportOptions(isPartial: true) : ImportOptions(isDryRun: true))
        if isStoring, report.failed == 0 { return visit.redirect(done, done: .imported) }
        // Marks the place of the file's text, which is too long to hold in memory.
        let mark = "csv-\(UInt64.random(in: .min ... .max))-\(UInt64.random(in: .min ... .max))"
        return try await again(try await preview(report, file, mark: mark), visit).filling(mark, with: file)
    }

    /// The chosen file, or the text of the page before.
    private func sent() async throws -> Spool? {
        if let file = (visit.form.files["file"] ?? visit.form.files["csv"])?.first {
            try MediaType(file.type)?.requireUTF8()
            return file.content
        }
        guard let text = visit.form["csv"], !text.isEmpty else { return nil }
        var spool = SpoolWriter()
        try await spool.append(text.utf8)
        return spool.finish()
    }

    private func preview(_ report: ImportReport, _ file: Spool, mark: String) async throws -> ImportPreview {
        let records = try await file.records(on: Set(report.failures.map(\.line)), room: 1 << 20)
        let header = records.first.contains("@") ? nil : records.first
        let lines = [header] + report.failures.map { records.others[$0.line] }
        return ImportPreview(
            visit: visit, report: report, mark: mark,
            repair: lines.compactMap(\.self).joined(separator: "\n"))
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
            for try await piece in text {
                var escaped = HTML()
                piece.withUnsafeBufferPointer { escaped.append(utf8: $0) }
                try await writer.write(ByteBuffer(bytes: escaped.bytes))
            }
            try await writer.write(ByteBuffer(bytes: page[place.upperBound...]))
            try await writer.finish(nil)
        }
        return filled
    }
}
