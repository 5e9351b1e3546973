import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// A file of people by browser, in two steps: first each row's fate, then storing what fits. Meanwhile the file waits as an
/// upload in the institution's schema, and the forms carry its number.
struct ImportForm {
    let visit: Visit
    /// What a file of this kind may say.
    let fields: [ImportField]
    /// Whether the file may be all students there are, so that others can be suspended.
    var namesEverybody = false
    /// What people are whom the file adds, where they may be invited; nil where nobody is.
    var adds: Role?

    /// The empty form.
    /// - Parameter kind: of its button.
    func html(
        to address: String, hint: String, label: String? = nil,
        accept: String = ".csv,.txt,.tsv,text/csv,text/plain,.zip,application/zip", _ kind: ButtonKind = .plain
    ) -> HTML {
        visit.postForm(.class("form"), .multipart, to: address) {
            visit.field(
                Input(
                    name: "file", label: label ?? visit.words[ImportText.file], hint: hint, kind: .file(accept: accept),
                    isRequired: true))
            actions { submitButton(visit.words[ImportText.check], kind) }
            uploadProgress(visit.words)
        }
    }

    /// Runs the step the form asks for.
    /// - Parameters:
    ///   - done: where to go once rows are stored.
    ///   - again: shows the form's page with a report.
    ///   - run: the import itself.
    ///   - package: the import of a OneRoster package, where one may come.
    func answer(
        done: String, again: (ImportPreview, Visit) async throws -> Response,
        run: (ImportFile, ImportOptions, [ImportField?]?) async throws -> ImportReport,
        package: ((RosterPackage, ImportOptions) async throws -> ImportReport)? = nil
    ) async throws -> Response {
        let work = try visit.call.work()
        let uploads = UploadRepository(work: work)
        var (upload, content) = try await sent(to: uploads)
        if let package, try await RosterPackage.isPackage(content, called: upload.name) {
            let roster = try await RosterPackage(content)
            let preview = ImportPreview(visit: visit, form: self, upload: upload.id, format: nil, sample: nil)
            return try await finish(preview, upload, uploads, done: "/imports/oneroster", again: again) {
                try await package(roster, $0)
            }
        }
        if let said = try await said(of: upload, content) {
            upload = try await uploads.describe(upload.id, said.choice, said.columns)
        }
        let file = try await ImportFile(content, upload.choice)
        let columns = ColumnRepository(work: work)
        let sample = try await FileSample.of(
            file, for: fields, kept: try await columns.kept(), chosen: upload.columns)
        if let sample, let said = upload.columns { try await columns.keep(sample.headings, said, for: fields) }
        let preview = ImportPreview(
            visit: visit, form: self, upload: upload.id, format: file.format, sample: sample)
        let columnsSaid = upload.columns
        return try await finish(preview, upload, uploads, done: done, again: again) {
            try await run(file, $0, columnsSaid)
        } repair: {
            try await repair($0, file)
        }
    }

    /// Shows each row's fate, or stores what fits.
    private func finish(
        _ shown: ImportPreview, _ upload: UploadedFile, _ uploads: UploadRepository, done: String,
        again: (ImportPreview, Visit) async throws -> Response, run: (ImportOptions) async throws -> ImportReport,
        repair: ((ImportReport) async throws -> String)? = nil
    ) async throws -> Response {
        var preview = shown
        let isStoring = visit.form["step"] == "store"
        if let adds, visit.call.site.sendsMail {
            preview.mayInvite = try await visit.call.read(InvitationRepository.choosesPassword(adds))
        }
        do {
            let report = try await run(
                isStoring ? try storing : ImportOptions(isDryRun: true, suspendsMissing: namesEverybody))
            if isStoring {
                try await uploads.drop(upload.id)
                if report.failed == 0 {
                    return visit.redirect(
                        done, done: report.invited > 0 ? .importedInviting : .imported, count: report.invited)
                }
            } else {
                try await uploads.note(upload.id, report)
            }
            preview.report = report
            if let repair { preview.repair = try await repair(report) }
            return try await again(preview, visit)
        } catch CaseworkError.invalid(let problems) where preview.sample != nil {
            return try await again(preview, visit.with(problems))
        } catch CaseworkError.conflict(let refusal, _, let blockedBy, _) {
            let detail = visit.words.conflict(refusal, at: "", blockedBy)
            return try await again(
                preview, visit.with([FieldProblem(field: "", code: refusal.code, detail: detail)]))
        }
    }

    /// What fits is stored. Who is missing is suspended where that was ticked: as many as the page had counted, and no more.
    /// The same goes for those whom rows suspend. Whom the file adds is invited where that was ticked.
    private var storing: ImportOptions {
        get throws {
            let most = visit.form["suspend"].flatMap { Int($0) }
            let invites = adds != nil && visit.form["invite"] == "true"
            if invites { try visit.call.requireMail() }
            return ImportOptions(
                isPartial: true, suspendsMissing: most != nil,
                mostSuspended: most ?? visit.form["suspends"].flatMap { Int($0) }
            ).inviting(from: invites ? visit.call.host : nil)
        }
    }

    /// The chosen file, the text of a repaired one, or the upload of the page before.
    private func sent(to uploads: UploadRepository) async throws -> (UploadedFile, Spool) {
        if let number = visit.form["upload"] {
            guard let id = Int32(number) else { throw CaseworkError.invalid("file", .uploadGone) }
            let (upload, content) = try await uploads.find(Int(id))
            return (upload, content)
        }
        if let file = (visit.form.files["file"] ?? visit.form.files["csv"])?.first {
            return (try await uploads.take(file.name, file.content, for: address), file.content)
        }
        guard let text = visit.form["csv"], !text.isEmpty else { throw CaseworkError.invalid("file", .fileNotChosen) }
        var spool = SpoolWriter()
        try await spool.append(text.utf8)
        let content = spool.finish()
        return (try await uploads.take("", content, for: address), content)
    }

    /// Where this form goes.
    private var address: String { visit.call.request.uri.path }

    /// What the form says of the file; nil where it says nothing. Columns that were said of a file read in another way are
    /// none of it.
    private func said(
        of upload: UploadedFile, _ content: Spool
    ) async throws -> (choice: FileFormat.Choice, columns: [ImportField?]?)? {
        guard let encoding = visit.form["encoding"].flatMap({ TextEncoding(rawValue: $0) }),
            let delimiter = visit.form["delimiter"].flatMap({ FileFormat.Delimiter(rawValue: $0) })
        else { return nil }
        let shown = try await ImportFile(content, upload.choice).format
        let choice = FileFormat.Choice(encoding: encoding, delimiter: delimiter)
        guard shown.encoding == encoding, shown.delimiter == delimiter else { return (choice, nil) }
        let columns = (visit.form.fields["column"] ?? []).prefix(CSVParser.maxCells).map { ImportField(rawValue: $0) }
        return (choice, columns.isEmpty ? nil : columns)
    }

    private func repair(_ report: ImportReport, _ file: ImportFile) async throws -> String {
        let records = try await file.records(on: Set(report.failures.map(\.line)), room: 1 << 20)
        let header = records.first.contains("@") ? nil : records.first
        let lines = [header] + report.failures.map { records.others[$0.line] }
        return lines.compactMap(\.self).joined(separator: "\n")
    }
}
