import Casework
import HTTPTypes
import Hummingbird
import NIOCore
import Tenancy

/// The whole record of a student as a zip file: tables as CSV, and the files the student has sent.
enum RecordAPI {
    static let routes: [Route] = [
        Route(
            .get, "/me/record", .signedIn(.student), "All that is kept about the calling student, as a zip file",
            answer: .zip, problems: [404, 413]
        ) { call in
            try await send(call, try await call.work().enter())
        },
        Route(
            .get, "/students/{id}/record", .signedIn(.adminInPerson),
            "All that is kept about a student, as a zip file: for a student who asks for it", answer: .zip,
            problems: [404, 413]
        ) { call in
            try await send(call, try call.id("id"))
        },
        Route(
            .post, "/students/{id}/erasure", .signedIn(.adminInPerson),
            "Takes away for good what says who an archived student was, and leaves what reports count",
            payload: .json(.object([.field("confirmation", .string(1...500))])), answer: AccountAPI.schema,
            permission: { .account(try $0.id("id")) }
        ) { call in
            let confirmation = try Fields.read(try await call.json()) { $0.required("confirmation", .text(1...500)) }
            let work = try call.work()
            return call.answer(try await ErasureRepository(work: work).erase(call.id("id"), confirmation: confirmation))
        },
    ]

    /// The record as it is being packed; a file that is removed meanwhile breaks the connection off.
    static func send(_ call: Call, _ student: Int) async throws -> Response {
        let records = RecordCopyRepository(work: try call.work())
        let record = try await call.read(RecordCopyRepository.read(student))
        let body = ResponseBody { writer in
            guard let zip = ZipStream() else { throw CaseworkError.unavailable }
            for table in record.tables {
                try await writer.write(ByteBuffer(bytes: zip.begin("\(table.name).csv") + zip.add(table.csv)))
            }
            for file in record.files {
                var bytes = zip.begin(RecordCopy.path(of: file))
                var (number, sent) = (0, 0)
                while sent < file.file.size {
                    guard let piece = try await records.piece(number, of: file), !piece.isEmpty else {
                        throw CaseworkError.notFound
                    }
                    bytes += zip.add(piece)
                    try await writer.write(ByteBuffer(bytes: bytes))
                    (bytes, number, sent) = ([], number + 1, sent + piece.count)
                }
            }
            try await writer.write(ByteBuffer(bytes: zip.finish()))
            try await writer.finish(nil)
        }
        let headers: HTTPFields = [
            .contentType: "application/zip",
            .contentDisposition: ContentDisposition.attachment("record-\(student).zip"),
            .xContentTypeOptions: "nosniff", .cacheControl: "no-store",
        ]
        return Response(status: .ok, headers: headers, body: body)
    }
}

extension RecordCopy.Table {
    /// The table as CSV, its columns' names first.
    fileprivate var csv: [UInt8] {
        var file = CSVWriter()
        file.row(columns)
        for row in rows { file.row(row.map { $0 ?? "" }) }
        return file.drain()
    }
}
