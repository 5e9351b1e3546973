import Casework
import Hummingbird
import Tenancy

/// What everybody did, newest first, for admins.
enum AuditPages {
    static let routes: [PageRoute] = [
        .get("/audit", .signedIn(.admin)) { visit in
            do {
                let (filter, page) = try visit.call.query { (AuditFilter(&$0), $0.page()) }
                return try await list(visit, filter, page)
            } catch CaseworkError.invalid(let problems) {
                return try await list(visit.with(problems), AuditFilter(), PageRequest())
            }
        }
    ]

    private static func list(_ visit: Visit, _ filter: AuditFilter, _ page: PageRequest) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let entries = try await AuditRepository(work: visit.call.work()).list(filter, page)
        let typed = try visit.call.query { fields in
            ["actorId", "subject", "from", "to"].reduce(into: [String: String]()) { found, name in
                found[name] = fields.optional(name, .verbatim(maxBytes: 4096))
            }
        }
        return try visit.page(
            "audit/list", title: words.text("audit.heading"), viewer: viewer, current: "/audit",
            [
                "fields": visit.inputs([
                    Input(
                        name: "actorId", label: words.text("audit.actor"), hint: words.text("audit.actorHint"),
                        kind: .line(type: "number"), value: typed["actorId"]),
                    Input(
                        name: "subject", label: words.text("audit.subject"), hint: words.text("audit.subjectHint"),
                        value: typed["subject"], limit: 200),
                    Input(
                        name: "from", label: words.text("audit.from"), kind: .line(type: "date"), value: typed["from"]),
                    Input(name: "to", label: words.text("audit.to"), kind: .line(type: "date"), value: typed["to"]),
                ]),
                "hasEntries": !entries.items.isEmpty, "pager": visit.pagerModel(entries.next),
                "rows": entries.items.map { row($0, words, zone: viewer.timeZone) },
            ])
    }

    private static func row(_ entry: AuditEntry, _ words: Catalogue, zone: String) -> Visit.Model {
        let key = "audit.action-\(entry.action)"
        var model: Visit.Model = [
            "when": words.instant(entry.at, zone: zone), "moment": entry.at.machineText,
            "action": words.has(key) ? words.text(key) : entry.action,
            "subject": entry.subject, "subjectLink": "/audit?subject=\(entry.subject.percentEncoded)",
            "who": entry.actorName ?? entry.actorID.map { "#\($0)" } ?? words.text("audit.nobody"),
        ]
        if let actor = entry.actorID { model["actorLink"] = ["to": "/audit?actorId=\(actor)"] }
        if let token = entry.tokenID { model["token"] = words.text("audit.token", ["number": String(token)]) }
        if let before = entry.before { model["before"] = readable(before) }
        if let after = entry.after { model["after"] = readable(after) }
        if entry.before != nil || entry.after != nil { model["hasDetails"] = true }
        return model
    }

    private static func readable(_ json: RawJSON) -> String {
        guard let value = try? JSONValue(parsing: Array(json.jsonText.utf8)) else { return json.jsonText }
        return value.readable()
    }
}

extension JSONValue {
    /// The value on several lines, members indented.
    func readable(indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .object(let object) where !object.isEmpty:
            let lines = object.map { inner + JSONWriter.text(of: $0.name) + ": " + $0.value.readable(indent: inner) }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        case .array(let values) where !values.isEmpty:
            let lines = values.map { inner + $0.readable(indent: inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
        default: return JSONWriter.text(of: self)
        }
    }
}
