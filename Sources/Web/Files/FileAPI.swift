import Casework
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Tenancy

/// `/milestones/{id}/files` and `/files/{id}`.
enum FileAPI {
    static let routes: [Route] = [
        Route(
            .get, "/milestones/{id}/files", .signedIn(.casework), "Lists the files of a milestone",
            query: Route.Parameter.paging, answer: .page(schema), problems: [404]
        ) { call in
            let page = try call.page()
            return call.answer(try await call.read(FileRepository.list(of: try call.id("id"), page)))
        },
        Route(
            .post, "/milestones/{id}/files", .signedIn(.editors), "Adds a file to a milestone", payload: .file,
            status: .created, answer: schema, permission: { .milestone(try $0.id("id")) }, problems: [404]
        ) { call in
            call.answer(try await add(call), status: .created)
        },
        Route(
            .get, "/files/{id}", .signedIn(.readers), "Sends a file", answer: .binary, problems: [404]
        ) { try await send($0) },
        Route(
            .delete, "/files/{id}", .signedIn(.editors), "Removes a file", status: .noContent,
            permission: { .file(try $0.id("id")) }, problems: [404]
        ) { call in
            try await FileRepository(work: try call.work()).remove(try call.id("id"), ifMatch: call.ifMatch)
            return call.nothing
        },
    ]

    static let shape: [Schema.Property] = [
        .field("id", .id), .field("name", .string(1...255)), .field("contentType"),
        .field("size", .integer(0...StoredFile.limit)),
    ]
    /// The same with the checksum, which dashboards leave out.
    static let checked = shape + [.field("sha256", .nullable(.string(64...64)))]
    static let schema = Schema.versioned(checked)

    private static func add(_ call: Call) async throws -> StoredFile {
        let headers = call.request.headers
        let name = try ContentDisposition.fileName(of: headers[.contentDisposition])
        let type = headers[.contentType] ?? "application/octet-stream"
        guard isMediaType(type) else {
            throw CaseworkError.unsupportedMediaType(
                Refusal(.notAMediaType, ["example": .text("application/pdf")]))
        }
        if let length = headers[.contentLength].flatMap(Int.init), length > StoredFile.limit {
            throw FileRepository.tooLarge
        }
        return try await FileRepository(work: try call.work()).add(
            name, contentType: type, to: try call.id("id"), content: call.request.body.map(\.readableBytesView),
            scanner: call.site.scanner)
    }

    /// The file that the path names.
    static func send(_ call: Call) async throws -> Response {
        let (id, files) = (try call.id("id"), FileRepository(work: try call.work()))
        let (file, start) = try await files.open(id)
        return answer(file, start: start) { try await files.piece($0, of: id) }
    }

    /// A file as an attachment.
    ///
    /// What a stranger uploaded must never run in the institution's own origin: it is saved, not shown. Each piece is read when
    /// the one before is sent; a file removed meanwhile breaks the connection off.
    /// - Parameter piece: reads a piece behind the first.
    static func answer(
        _ file: StoredFile, start: [UInt8], piece next: @escaping @Sendable (Int) async throws -> [UInt8]?
    ) -> Response {
        var headers: HTTPFields = [
            .contentType: file.contentType, .contentDisposition: ContentDisposition.attachment(file.name),
            .contentSecurityPolicy: "sandbox; default-src 'none'", .xContentTypeOptions: "nosniff",
            .cacheControl: "no-store", .eTag: file.version.entityTag,
        ]
        if let checksum = file.checksum {
            headers[.reprDigest] = "sha-256=:\(Data(checksum).base64EncodedString()):"
        }
        let body = ResponseBody(contentLength: file.size) { writer in
            var sent = 0
            var piece = start
            var number = 0
            while sent < file.size {
                guard !piece.isEmpty else { throw CaseworkError.notFound }
                sent += piece.count
                try await writer.write(ByteBuffer(bytes: piece))
                guard sent < file.size else { break }
                number += 1
                piece = try await next(number) ?? []
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Whether a text is a media type, such as `application/pdf`.
    static func isMediaType(_ text: String) -> Bool {
        guard text.utf8.count <= 255, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return false }
        let parts = text.prefix { $0 != ";" }.split(separator: "/", omittingEmptySubsequences: false).map(
            \.trimmingSpaces)
        return parts.count == 2
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.utf8.allSatisfy {
                        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                            || "!#$&-^_.+".utf8.contains($0)
                    }
            }
    }
}

extension HTTPField.Name {
    /// RFC 9530: the checksum of what is sent.
    fileprivate static let reprDigest = HTTPField.Name("Repr-Digest")!
}
