import Casework
import HTTPTypes
import Hummingbird
import NIOCore

extension Problem {
    /// The refusal as RFC 7644, 3.12 tells it. What is 422 elsewhere is 400 there.
    var scimResponse: Response {
        var response = response
        if status == .unprocessableContent { response.status = .badRequest }
        response.headers[.contentType] = "application/scim+json"
        response.body = .init(byteBuffer: ByteBuffer(bytes: JSONWriter.bytes(of: SCIMError(problem: self))))
        return response
    }
}

private struct SCIMError: JSONEncodable {
    let problem: Problem

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("schemas", [SCIMSchema.error])
            json.field("status", String(problem.status == .unprocessableContent ? 400 : problem.status.code))
            if let type { json.field("scimType", type) }
            json.field("detail", detail)
        }
    }

    private var detail: String {
        problem.errors.isEmpty
            ? problem.detail : problem.errors.map { "\($0.field): \($0.detail)" }.joined(separator: "; ")
    }

    /// A word of the table in RFC 7644, 3.12; nil where none of them says it.
    private var type: String? {
        switch problem.status {
        case .badRequest: return "invalidSyntax"
        case .conflict:
            let taken: [Refusal.Code] = [.addressTaken, .addressTakenByArchived, .scimUserNameTaken, .numberTaken]
            return problem.code.map(taken.contains) ?? false ? "uniqueness" : nil
        case .unprocessableContent: break
        default: return nil
        }
        return switch (problem.errors.first?.field, problem.errors.first?.code) {
        case ("filter", _): "invalidFilter"
        case ("path", .some(.required)): "noTarget"
        case ("path", _): "invalidPath"
        case ("body", _), ("Operations", _), ("op", _), ("value", _): "invalidSyntax"
        default: "invalidValue"
        }
    }
}
