import Casework

/// The shape of a JSON value, as the OpenAPI document tells it (JSON Schema 2020-12).
public indirect enum Schema: Sendable {
    case string(_ length: ClosedRange<Int>? = nil, format: String? = nil)
    case choice([String])
    case integer(_ range: ClosedRange<Int>? = nil)
    /// One of these whole numbers.
    case number([Int])
    case boolean
    case array(Schema)
    case object([Property])
    /// An object with a version of its own: an answer of it alone carries an ETag.
    case versioned([Property])
    case nullable(Schema)
    case null
    /// A list page of these: `{"items":[...],"next":...}`.
    case page(Schema)
    /// Some bytes, not JSON.
    case binary
    /// A zip file, made as it is sent.
    case zip
    /// Any JSON value.
    case any

    /// One member of an object.
    public struct Property: Sendable {
        let name: String
        let schema: Schema
        let required: Bool

        /// A member that is always there (in answers) or must be sent (in requests).
        public static func field(_ name: String, _ schema: Schema = .string()) -> Property {
            Property(name: name, schema: schema, required: true)
        }

        /// A member that may be missing.
        public static func optional(_ name: String, _ schema: Schema = .string()) -> Property {
            Property(name: name, schema: schema, required: false)
        }
    }

    /// An identifier: a positive integer.
    public static let id = Schema.integer(1...Int(Int32.max))
    /// A calendar date, `2026-12-01`.
    public static let date = Schema.string(format: "date")
    /// An instant, RFC 3339 UTC.
    public static let instant = Schema.string(format: "date-time")

    private var properties: [Property]? {
        switch self {
        case .object(let properties), .versioned(let properties): properties
        default: nil
        }
    }

    /// The same object with nothing required: the body of a PATCH.
    public var patch: Schema {
        guard let properties else { return self }
        return .object(properties.map { Property(name: $0.name, schema: $0.schema, required: false) })
    }
}

/// The shape of a request, with its members and no others. The shape of an answer is open, so that answers can grow.
struct RequestShape: JSONEncodable {
    let schema: Schema

    func write(to json: inout JSONWriter) { schema.write(to: &json, isClosed: true) }
}

extension Schema: JSONEncodable {
    /// Writes the JSON Schema of an answer.
    public func write(to json: inout JSONWriter) { write(to: &json, isClosed: false) }

    fileprivate func write(to json: inout JSONWriter, isClosed: Bool) {
        func part(_ schema: Schema) -> Part { Part(schema: schema, isClosed: isClosed) }
        json.object { json in
            switch self {
            case .string(let length, let format):
                json.field("type", "string")
                if let length {
                    json.field("minLength", length.lowerBound)
                    json.field("maxLength", length.upperBound)
                }
                if let format { json.field("format", format) }
            case .choice(let words):
                json.field("type", "string")
                json.field("enum", words)
            case .integer(let range):
                json.field("type", "integer")
                if let range {
                    json.field("minimum", range.lowerBound)
                    json.field("maximum", range.upperBound)
                }
            case .number(let choices):
                json.field("type", "integer")
                json.field("enum", choices)
            case .boolean:
                json.field("type", "boolean")
            case .null:
                json.field("type", "null")
            case .array(let element):
                json.field("type", "array")
                json.field("items", part(element))
            case .nullable(let schema):
                json.field("anyOf", [part(schema), part(.null)])
            case .page(let element):
                Schema.object([.field("items", .array(element)), .field("next", .nullable(.string()))])
                    .writeMembers(to: &json, isClosed: isClosed)
            case .object, .versioned:
                writeMembers(to: &json, isClosed: isClosed)
            case .binary, .zip:
                json.field("type", "string")
                json.field("format", "binary")
            case .any: break
            }
        }
    }

    private func writeMembers(to json: inout JSONWriter, isClosed: Bool) {
        guard let properties else { return }
        json.field("type", "object")
        json.field("required", properties.filter(\.required).map(\.name))
        if isClosed { json.field("additionalProperties", false) }
        json.field("properties", Members(properties: properties, isClosed: isClosed))
    }

    private struct Members: JSONEncodable {
        let properties: [Property]
        let isClosed: Bool

        func write(to json: inout JSONWriter) {
            json.object { json in
                for property in properties {
                    json.field(named: property.name, Part(schema: property.schema, isClosed: isClosed))
                }
            }
        }
    }

    /// A schema within another.
    private struct Part: JSONEncodable {
        let schema: Schema
        let isClosed: Bool

        func write(to json: inout JSONWriter) { schema.write(to: &json, isClosed: isClosed) }
    }
}
