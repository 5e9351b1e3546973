import Casework
import HTTPTypes

/// The OpenAPI 3.1 document, made from the route table.
enum OpenAPI {
    /// The document as JSON bytes.
    static func document(of routes: [Route]) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.field("openapi", "3.1.0")
            json.field(
                "info",
                Object { json in
                    json.field("title", "Waymark")
                    json.field("version", "1")
                    json.field(
                        "description",
                        "Student case management for many institutions. Every call of one institution goes to its host."
                    )
                })
            json.field("servers", [Object { $0.field("url", "/api/v1") }])
            json.field(
                "paths",
                Object { json in
                    var order: [String] = []
                    var byPath: [String: [Route]] = [:]
                    for route in routes {
                        if byPath[route.path] == nil { order.append(route.path) }
                        byPath[route.path, default: []].append(route)
                    }
                    for path in order {
                        json.field(
                            named: path,
                            Object { json in
                                for route in byPath[path] ?? [] {
                                    json.field(named: route.method.rawValue.lowercased(), operation(route))
                                }
                            })
                    }
                })
            json.field(
                "components",
                Object { json in
                    json.field("schemas", Object { $0.field("Problem", problem) })
                    json.field(
                        "securitySchemes",
                        Object { json in
                            json.field(
                                "bearer",
                                Object { json in
                                    json.field("type", "http")
                                    json.field("scheme", "bearer")
                                })
                        })
                })
        }
        return json.bytes
    }

    /// Why something was refused, for programs.
    private static let code = Schema.choice(Refusal.Code.allCases.map(\.rawValue))

    /// RFC 9457, with the members Waymark adds.
    private static let problem = Schema.object([
        .field("type"), .field("title"), .field("status", .integer()), .field("detail"),
        .optional("code", code),
        .optional("errors", .array(.object([.field("field"), .field("code", code), .field("detail")]))),
        .optional("blockedBy", .array(.string())), .optional("state"), .optional("missing", .array(.string())),
        .optional("report", .any), .optional("challenge"),
    ])

    private static let idempotencyKey = """
        A repetition within 24 hours gets the first answer again. 409 with the state `running` lasts as long as the first \
        request does, and a minute longer at most where its server has died.
        """

    private static func operation(_ route: Route) -> Object {
        Object { json in
            json.field("operationId", operationID(route))
            json.field("summary", route.summary)
            json.field("security", route.access == .open ? [] : [Object { $0.field("bearer", [String]()) }])
            var parameters = route.parameterNames.map { name in
                parameter(name, in: "path", name.lowercased().hasSuffix("id") ? .id : .string(1...200), required: true)
            }
            parameters += route.query.map { parameter($0.name, in: "query", $0.schema, $0.description) }
            if route.method == .post, !route.refusesIdempotencyKey {
                parameters.append(parameter("Idempotency-Key", in: "header", .string(1...255), idempotencyKey))
            }
            if route.takesIfMatch {
                parameters.append(
                    parameter("If-Match", in: "header", .string(), "The ETag of what the change is decided about."))
            }
            if case .file = route.payload {
                parameters.append(
                    parameter(
                        "Content-Disposition", in: "header", .string(),
                        "The file's name: `attachment; filename*=UTF-8''...` (RFC 6266).", required: true))
            }
            if !parameters.isEmpty { json.field("parameters", parameters) }
            if let body = requestBody(route) { json.field("requestBody", body) }
            json.field(
                "responses",
                Object { json in
                    json.field(named: String(route.status.code), success(route.status, route.answer, headers(route)))
                    for (status, answer) in route.otherAnswers.sorted(by: { $0.key.code < $1.key.code }) {
                        json.field(named: String(status.code), success(status, answer, []))
                    }
                    for status in refusals(route).sorted() { json.field(named: String(status), refusal(status)) }
                })
        }
    }

    /// What a route may refuse with, read off its declaration.
    static func refusals(_ route: Route) -> Set<Int> {
        var all = route.problems.union([400, 404, 405, 500, 503])
        if route.access != .open { all.formUnion([401, 403]) }
        if !route.query.isEmpty { all.insert(422) }
        if route.method == .post { all.formUnion([409, 422]) }
        switch route.payload {
        case .none: break
        case .json, .optionalJSON, .jsonOrCSV, .jsonOrForm, .csv, .zip, .file: all.formUnion([400, 413, 415, 422])
        case .picture: all.formUnion([413, 422])
        }
        if route.writes, route.method != .post { all.formUnion([409, 412]) }
        return all
    }

    private static func operationID(_ route: Route) -> String {
        ([route.method.rawValue.lowercased()] + route.path.split(separator: "/").map(String.init))
            .joined(separator: "-").filter { $0 != "{" && $0 != "}" }
    }

    private static func parameter(
        _ name: String, in place: String, _ schema: Schema, _ description: String = "", required: Bool = false
    ) -> Object {
        Object { json in
            json.field("name", name)
            json.field("in", place)
            if required { json.field("required", true) }
            if !description.isEmpty { json.field("description", description) }
            json.field("schema", schema)
        }
    }

    private static func requestBody(_ route: Route) -> Object? {
        let media: [(name: String, schema: Schema)]
        var required = true
        switch route.payload {
        case .none: return nil
        case .json(let shape): media = [("application/json", shape)]
        case .optionalJSON(let shape):
            media = [("application/json", shape)]
            required = false
        case .jsonOrCSV(let shape): media = [("application/json", shape), ("text/csv", .string())]
        case .jsonOrForm(let shape, let form):
            media = [("application/json", shape), ("multipart/form-data", form)]
            required = false
        case .csv: media = [("text/csv", .string())]
        case .zip: media = [("application/zip", .binary)]
        case .file: media = [("application/octet-stream", .binary)]
        case .picture: media = ["image/png", "image/jpeg", "image/webp"].map { ($0, .binary) }
        }
        let isRequired = required
        return Object { json in
            json.field("required", isRequired)
            json.field(
                "content",
                Object { json in
                    for kind in media {
                        json.field(named: kind.name, Object { $0.field("schema", RequestShape(schema: kind.schema)) })
                    }
                })
        }
    }

    private struct Header {
        let name: String
        let description: String
        var isAlways = true
    }

    /// What stands in the head of an answer that does what was asked.
    private static func headers(_ route: Route) -> [Header] {
        switch route.answer {
        case .versioned, .binary:
            [Header(name: "ETag", description: "The object's version; a change sends it back as `If-Match`.")]
        case .page:
            [Header(name: "Link", description: "The next page (RFC 8288), where there is one.", isAlways: false)]
        default: []
        }
    }

    private static let retryAfter = Header(name: "Retry-After", description: "Seconds until it is worth asking again.")

    private static func write(_ headers: [Header], to json: inout JSONWriter) {
        guard !headers.isEmpty else { return }
        json.field(
            "headers",
            Object { json in
                for header in headers {
                    json.field(
                        named: header.name,
                        Object { json in
                            json.field("description", header.description)
                            if header.isAlways { json.field("required", true) }
                            json.field("schema", Schema.string())
                        })
                }
            })
    }

    private static func success(_ status: HTTPResponse.Status, _ answer: Schema?, _ headers: [Header]) -> Object {
        Object { json in
            json.field("description", status.reasonPhrase)
            write(headers, to: &json)
            switch answer {
            case nil: break
            case .binary:
                json.field("content", Object { $0.field("*/*", Object { $0.field("schema", Schema.binary) }) })
            case .zip:
                json.field("content", Object { $0.field("application/zip", Object { $0.field("schema", Schema.zip) }) })
            case let schema?:
                json.field("content", Object { $0.field("application/json", Object { $0.field("schema", schema) }) })
            }
        }
    }

    private static func refusal(_ status: Int) -> Object {
        Object { json in
            json.field("description", HTTPResponse.Status(code: status).reasonPhrase)
            if [429, 503].contains(status) { write([retryAfter], to: &json) }
            json.field(
                "content",
                Object { json in
                    json.field(
                        "application/problem+json",
                        Object { json in
                            json.field("schema", Object { $0.field("$ref", "#/components/schemas/Problem") })
                        })
                })
        }
    }

    /// A JSON object written by a closure.
    struct Object: JSONEncodable {
        let body: (inout JSONWriter) -> Void

        init(_ body: @escaping (inout JSONWriter) -> Void) {
            self.body = body
        }

        func write(to json: inout JSONWriter) {
            json.object { body(&$0) }
        }
    }
}
