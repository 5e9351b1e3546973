import Casework
import HTTPTypes
import Hummingbird
import NIOCore
import Tenancy

/// Files of students. All or nothing, unless the caller asks for what fits; a dry run shows each row's fate.
enum ImportAPI {
    static let routes: [Route] = [
        Route(
            .post, "/imports/students", .signedIn(.admin), "Makes and updates student accounts from a CSV file.",
            query: options + missing + invite, payload: .csv, answer: report, problems: [409]
        ) { call in
            let options = try call.inviting { ImportOptions(ofAllStudents: &$0) }
            let file = try await call.importFile()
            return call.answer(try await StudentImport(work: try call.work()).run(file, options, says: \.inReport))
        },
        Route(
            .post, "/imports/staff", .signedIn(.adminInPerson),
            "Makes and updates accounts of directors, managers and staff from a CSV file, and adds them to groups.",
            query: options + invite, payload: .csv, answer: report, problems: [409]
        ) { call in
            let options = try call.inviting { ImportOptions(&$0) }
            let file = try await call.importFile()
            return call.answer(try await StaffImport(work: try call.work()).run(file, options, says: \.inReport))
        },
    ]

    /// The query parameters of every import.
    static let options = [
        Route.Parameter("dryRun", .boolean, "change nothing, only report"),
        Route.Parameter("partial", .boolean, "store what fits although other rows fail"),
        Route.Parameter(
            "encoding", .choice(["auto"] + TextEncoding.allCases.map(\.rawValue)),
            "how the characters are written; UTF-8 where neither this nor the charset says it; a byte order mark goes before both"
        ),
        Route.Parameter(
            "delimiter", .choice(["auto"] + FileFormat.Delimiter.allCases.map(\.rawValue)),
            "what stands between two cells; found where nothing is said"),
    ]

    /// What becomes of whom a file does not have.
    static let missing = [
        Route.Parameter(
            "missing", .choice(MissingStudents.allCases.map(\.rawValue)),
            "whether students who may come in and are not in the file are suspended"),
        Route.Parameter(
            "mostSuspended", .integer(0...1_000_000),
            "how many those may be; the settings' `suspendPercent` where nothing is said"),
    ]

    /// Mail to whom a file adds.
    private static let invite = [
        Route.Parameter(
            "invite", .boolean,
            "whether people whom the file adds are sent a link by which they choose a password; not by API token")
    ]

    /// What became of a file.
    static let report = shape()

    /// What became of a package of files.
    static let packageReport = shape(
        counts: [.field("skipped", .integer()), .field("leaving", .integer()), .field("notes", .array(.string()))],
        row: [.field("file"), .field("sourcedId", .nullable(.string()))])

    private static func shape(counts: [Schema.Property] = [], row: [Schema.Property] = []) -> Schema {
        .object(
            [
                .field("dryRun", .boolean), .field("added", .integer()), .field("updated", .integer()),
                .field("unchanged", .integer()), .field("failed", .integer()),
                .field("missing", .nullable(.integer())), .field("suspended", .integer()),
                .field("invited", .integer()), .field("missingPeople", .array(.string())),
                .field("rows", .array(.object(row + cells))),
            ] + counts)
    }

    private static let cells: [Schema.Property] = [
        .field("line", .integer()), .field("email", .nullable(.string())),
        .field("result", .choice(ImportResult.allCases.map(\.rawValue))), .field("detail", .nullable(.string())),
        .field("changed", .array(.string())),
    ]
}

extension Call {
    /// Whether it brings a file of rows, which may take minutes.
    var isImport: Bool {
        switch route.payload {
        case .csv, .zip: true
        case .jsonOrCSV: (try? statedType())??.name == "text/csv"
        default: false
        }
    }

    /// The largest CSV file, in bytes.
    static let largestFile = 64 << 20

    /// `dryRun` and `partial`.
    func importOptions() throws -> ImportOptions {
        try query { ImportOptions(&$0) }
    }

    /// What is read of the query, and `invite`.
    /// - Throws: `conflict` where people are to be invited and no mail leaves.
    fileprivate func inviting(_ read: (inout Fields) -> ImportOptions) throws -> ImportOptions {
        let (options, invites) = try query { (read(&$0), $0.value("invite", .bool, default: false)) }
        if invites { try requireMail() }
        return options.inviting(from: invites ? host : nil)
    }

    /// The body, received whole before anything is done with it: a slow sender holds no transaction open.
    /// - Throws: `unsupportedMediaType`, `tooLarge`, `invalid` for a workbook.
    func importFile() async throws -> ImportFile {
        let choice = try fileChoice()
        return try await ImportFile(try await csv(), choice)
    }

    /// How the body is written: by the query, else by the media type's `charset`, else UTF-8.
    private func fileChoice() throws -> FileFormat.Choice {
        let (encoding, delimiter) = try query {
            (
                $0.optional("encoding", .choice(EncodingChoice.self)),
                $0.optional("delimiter", .choice(DelimiterChoice.self))
            )
        }
        let type = try statedType()
        let charset = type?.parameters["charset"]
        let stated = charset.flatMap { TextEncoding(charset: $0) }
        if charset != nil, stated == nil { try type?.requireUTF8() }
        var choice = FileFormat.Choice(
            encoding: stated ?? .utf8, delimiter: delimiter.flatMap { FileFormat.Delimiter(rawValue: $0.rawValue) })
        if let encoding { choice.encoding = TextEncoding(rawValue: encoding.rawValue) }
        return choice
    }

    private func csv() async throws -> Spool {
        guard try statedType()?.name == "text/csv" else {
            throw CaseworkError.unsupportedMediaType(Refusal(.notCSV))
        }
        return try await wholeFile()
    }

    /// The body as a package of OneRoster, received and unpacked whole before anything is done with it.
    /// - Throws: `unsupportedMediaType`, `tooLarge`, `invalid` naming the file that cannot be used.
    func rosterPackage() async throws -> RosterPackage {
        guard let type = try statedType()?.name, ["application/zip", "application/x-zip-compressed"].contains(type)
        else {
            throw CaseworkError.unsupportedMediaType(Refusal(.notAZip))
        }
        return try await RosterPackage(try await wholeFile())
    }

    private func wholeFile() async throws -> Spool {
        var file = SpoolWriter()
        for try await chunk in request.body {
            guard file.size + chunk.readableBytes <= Self.largestFile else {
                throw CaseworkError.tooLarge(.beyond(.csvTooLarge, most: Self.largestFile))
            }
            try await file.append(chunk.readableBytesView)
        }
        return file.finish()
    }

    /// The report, as a stream: 422 with the report inside where failing rows kept everything from being stored.
    /// Who prefers CSV gets the rows to repair, in either case.
    func answer(_ report: ImportReport) -> Response {
        if request.headers[.accept]?.lowercased().hasPrefix("text/csv") ?? false {
            return Response(
                status: report.isRefused ? .unprocessableContent : .ok,
                headers: [.contentType: "text/csv; charset=utf-8"],
                body: ResponseBody { writer in
                    for try await part in report.repair { try await writer.write(ByteBuffer(bytes: part)) }
                    try await writer.finish(nil)
                })
        }
        guard report.isRefused else {
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody { writer in
                    for try await part in report.json { try await writer.write(ByteBuffer(bytes: part)) }
                    try await writer.finish(nil)
                })
        }
        let rows = ["rows": Refusal.Argument.number(report.failed)]
        var problem = Problem(.unprocessableContent, Refusal(.rowsNotStored, rows))
        let unusable = FieldRefusal("rows", Refusal(.rowsUnusable, rows))
        problem.errors = [FieldProblem(unusable, in: .english)]
        let head = JSONWriter.bytes(of: problem).dropLast() + Array(",\"report\":".utf8)
        return Response(
            status: .unprocessableContent, headers: [.contentType: "application/problem+json"],
            body: ResponseBody { writer in
                try await writer.write(ByteBuffer(bytes: head))
                for try await part in report.json { try await writer.write(ByteBuffer(bytes: part)) }
                try await writer.write(ByteBuffer(bytes: Array("}".utf8)))
                try await writer.finish(nil)
            })
    }
}

/// What the query may say of a file's encoding: one of them, or that it be found.
private enum EncodingChoice: String, CaseIterable {
    case auto
    case utf8 = "utf-8"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    case windows1252 = "windows-1252"
}

/// What the query may say of what stands between two cells.
private enum DelimiterChoice: String, CaseIterable {
    case auto, comma, semicolon, tab
}
