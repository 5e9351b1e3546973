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
            query: options, payload: .csv, answer: report
        ) { call in
            let options = try call.importOptions()
            let file = try await call.csv()
            return call.answer(try await StudentImport(work: try call.work()).run(file, options, says: \.inReport))
        }
    ]

    /// The query parameters of every import.
    static let options = [
        Route.Parameter("dryRun", .boolean, "change nothing, only report"),
        Route.Parameter("partial", .boolean, "store what fits although other rows fail"),
    ]

    /// What became of a file.
    static let report = Schema.object([
        .field("dryRun", .boolean), .field("added", .integer()), .field("updated", .integer()),
        .field("unchanged", .integer()), .field("failed", .integer()),
        .field(
            "rows",
            .array(
                .object([
                    .field("line", .integer()), .field("email", .nullable(.string())),
                    .field("result", .choice(ImportResult.allCases.map(\.rawValue))),
                    .field("detail", .nullable(.string())),
                ]))),
    ])
}

extension Call {
    /// Whether it brings a file of rows, which may take minutes.
    var isImport: Bool {
        switch route.payload {
        case .csv: true
        case .jsonOrCSV: (try? mediaType())??.name == "text/csv"
        default: false
        }
    }

    /// The largest CSV file, in bytes.
    static let largestFile = 64 << 20

    /// `dryRun` and `partial`.
    func importOptions() throws -> ImportOptions {
        try query { ImportOptions(&$0) }
    }

    /// The body, received whole before anything is done with it: a slow sender holds no transaction open.
    /// - Throws: `unsupportedMediaType`, `tooLarge`.
    func csv() async throws -> Spool {
        guard try mediaType()?.name == "text/csv" else {
            throw CaseworkError.unsupportedMediaType(Refusal(.notCSV))
        }
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
    func answer(_ report: ImportReport) -> Response {
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
