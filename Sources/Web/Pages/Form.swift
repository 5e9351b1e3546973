import Casework
import Foundation
import Hummingbird

/// What a browser's form sent: named texts, and files where it has any.
struct Form: Sendable {
    /// A file of a multipart form; without a name, a text as long as one.
    struct File: Sendable {
        let name: String
        let type: String
        let content: Spool
    }

    /// The texts, each name with its values in order.
    var fields: [String: [String]] = [:]
    /// The files that were chosen, by the name of their field, and texts too long for `fields`.
    var files: [String: [File]] = [:]
    /// Whether that is all that was sent.
    private(set) var isWhole = true

    /// The first value of a name.
    subscript(name: String) -> String? { fields[name]?.first }

    /// A form without fields.
    init() {}

    /// Reads `application/x-www-form-urlencoded`.
    /// - Throws: `invalid` for more fields than any form of ours has, `malformed`.
    init(urlEncoded bytes: [UInt8]) throws(CaseworkError) {
        do throws(URLEncoded.Problem) {
            for (name, value) in try URLEncoded.pairs(bytes) { fields[name, default: []].append(value) }
        } catch {
            switch error {
            case .tooMany: throw .invalid("form", .beyond(.tooManyFields, most: URLEncoded.mostPairs))
            case .malformed: throw Self.notUTF8
            }
        }
    }

    fileprivate static let notUTF8 = CaseworkError.malformed(Refusal(.formNotUTF8))

    /// A form that is larger than any may be: why it is refused, and what had come by then, so that it can be given back.
    struct CutShort: Error {
        let form: Form
        let reason: CaseworkError

        init(_ form: Form, _ reason: CaseworkError) {
            var form = form
            form.isWhole = false
            (self.form, self.reason) = (form, reason)
        }
    }
}

/// Puts a form together from its parts. Texts stay in memory as long as they are short; files, and texts that are as long as
/// files, go through spools.
struct FormReader {
    /// Bytes that all texts of a form may have together in memory.
    private static let room = 1 << 20
    private static let mostFiles = 10

    private struct Open {
        let part: MultipartParser.Part
        var content = SpoolWriter()
    }

    private var parser: MultipartParser
    private let keepsFiles: Bool
    /// What has been read so far.
    private(set) var form = Form.empty
    private var open: Open?
    private var used = 0
    private var spools = 0

    /// - Parameter keepsFiles: false drops what files hold as it comes.
    init(boundary: String, keepsFiles: Bool = true) throws(CaseworkError) {
        parser = try MultipartParser(boundary: boundary)
        self.keepsFiles = keepsFiles
    }

    /// Reads the next bytes.
    /// - Throws: `Form.CutShort` for too many files, `CaseworkError.malformed`, `.unavailable`.
    mutating func feed(_ bytes: some Sequence<UInt8>) async throws {
        var events: [MultipartParser.Event] = []
        try parser.feed(bytes) { events.append($0) }
        for event in events {
            switch event {
            case .part(let part):
                try await close()
                open = Open(part: part)
            case .content(let bytes):
                // what is dropped in the end is not written first
                guard let current = open,
                    keepsFiles || current.part.fileName == nil && current.content.size <= Self.room
                else { continue }
                try await open?.content.append(bytes)
            }
        }
    }

    /// Ends the form.
    /// - Throws: `CaseworkError.malformed`, `.unavailable`.
    mutating func finish() async throws -> Form {
        try parser.finish()
        try await close()
        return form
    }

    private mutating func close() async throws {
        guard let ended = open else { return }
        open = nil
        let content = ended.content.finish()
        let name = ended.part.name
        if ended.part.fileName == nil, used + content.size <= Self.room {
            used += content.size
            try ended.part.type.flatMap(MediaType.init)?.requireUTF8()
            guard let text = String(validating: try await content.bytes(), as: UTF8.self) else { throw Form.notUTF8 }
            form.fields[name, default: []].append(text)
        } else if keepsFiles, ended.part.fileName != "" {
            spools += 1
            guard spools <= Self.mostFiles else {
                throw Form.CutShort(form, .malformed(.beyond(.tooManyFiles, most: Self.mostFiles)))
            }
            form.files[name, default: []].append(
                Form.File(
                    name: ended.part.fileName ?? "", type: ended.part.type ?? "application/octet-stream",
                    content: content))
        }
    }
}

/// Bytes that a form may have in all.
enum FormLimit: Int {
    /// Nobody knows yet who sends it.
    case beforeSignIn = 65_536
    /// Texts only: files are dropped.
    case texts = 1_048_576
    /// A CSV file as large as the API takes, and what stands around it.
    case files = 68_157_440
}

extension Call {
    /// The form a page sent.
    /// - Throws: `Form.CutShort` where it is larger than its page needs, `unsupportedMediaType`, `malformed`, `tooLarge`.
    func form(_ limit: FormLimit) async throws -> Form {
        let type = try mediaType()
        switch type?.name {
        case "application/x-www-form-urlencoded", nil:
            return try Form(urlEncoded: try await body(limit: min(limit.rawValue, FormLimit.texts.rawValue)))
        case "multipart/form-data":
            var reader = try FormReader(
                boundary: type?.parameters["boundary"] ?? "", keepsFiles: limit == .files)
            var size = 0
            for try await chunk in request.body {
                size += chunk.readableBytes
                try await reader.feed(chunk.readableBytesView)
                guard size <= limit.rawValue else {
                    throw Form.CutShort(reader.form, .tooLarge(.beyond(.formTooLarge, most: limit.rawValue)))
                }
            }
            return try await reader.finish()
        default:
            throw CaseworkError.unsupportedMediaType(Refusal(.notAForm))
        }
    }
}
