import Casework

/// What everybody did, newest first, and a form to look for some of it.
struct AuditListPage {
    let visit: Visit
    let search: AuditSearch
    let entries: [AuditEntry]
    let next: Cursor?
    /// IANA name of the zone in which times are shown.
    let timeZone: String

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[AuditText.heading], text: words[AuditText.intro])
        card("filter", words[AuditText.filter]) {
            form(.class("form across"), .get, .action("/audit")) {
                fields
                actions {
                    submitButton(words[ShellText.search])
                    a(.class("button quiet"), .href("/audit")) { words[ShellText.all] }
                }
            }
        }
        section(.class("card"), .ariaLabel(words[AuditText.heading])) {
            if entries.isEmpty { nothing } else { list }
            visit.pager(next)
        }
    }

    @HTMLBuilder private var fields: HTML {
        visit.field(
            Input(
                name: "actorId", label: words[AuditText.actor], hint: words[AuditText.actorHint],
                kind: .line(type: "number"), value: search.actor))
        visit.field(
            Input(
                name: "subject", label: words[AuditText.subject], hint: words[AuditText.subjectHint],
                value: search.subject, limit: 200))
        visit.field(
            Input(name: "from", label: words[AuditText.from], kind: .line(type: "date"), value: search.from))
        visit.field(Input(name: "to", label: words[AuditText.to], kind: .line(type: "date"), value: search.to))
    }

    private var nothing: HTML {
        emptyState(words[AuditText.none], level: 2) {
            p { a(.class("button"), .href("/audit")) { words[AuditText.showAll] } }
        }
    }

    private var list: HTML {
        let columns = [AuditText.when, .who, .what, .changes].map { Column.text(words[$0]) }
        return dataTable(.ariaLabel(words[AuditText.heading]), columns) { for entry in entries { row(entry) } }
    }

    private func row(_ entry: AuditEntry) -> HTML {
        let action = AuditText(rawValue: "action-\(entry.action)").map { words[$0] } ?? entry.action
        return tr {
            td(.data("label", words[AuditText.when])) {
                time(.dateTime(entry.at.machineText)) { words.instant(entry.at, zone: timeZone) }
            }
            td(.data("label", words[AuditText.who])) { actor(of: entry) }
            td(.data("label", words[AuditText.what])) {
                action
                span(.class("fact")) {
                    a(.href("/audit?subject=\(entry.subject.percentEncoded)")) { entry.subject }
                }
            }
            td(.data("label", words[AuditText.changes])) { changes(of: entry, action) }
        }
    }

    @HTMLBuilder private func actor(of entry: AuditEntry) -> HTML {
        if let id = entry.actorID {
            a(.href("/audit?actorId=\(id)")) { bdi { entry.actorName ?? "#\(id)" } }
        } else {
            words[AuditText.nobody]
        }
        if let token = entry.tokenID { fact(words[AuditText.token, ["number": String(token)]]) }
    }

    private func changes(of entry: AuditEntry, _ action: String) -> HTML {
        if entry.before == nil, entry.after == nil { return HTML() }
        return details {
            summary {
                words[AuditText.show]
                visuallyHidden(": \(action) \(entry.subject)")
            }
            if let before = entry.before { state(words[AuditText.before], before) }
            if let after = entry.after { state(words[AuditText.after], after) }
        }
    }

    @HTMLBuilder private func state(_ heading: String, _ json: RawJSON) -> HTML {
        h3 { heading }
        pre { code { (try? JSONValue(parsing: Array(json.jsonText.utf8)))?.readable() ?? json.jsonText } }
    }
}

/// What is looked for, as it was typed.
struct AuditSearch {
    let actor: String?
    let subject: String?
    let from: String?
    let to: String?

    /// Reads the parameters of the query string.
    init(_ fields: inout Fields) {
        actor = fields.optional("actorId", .verbatim(maxBytes: 4096))
        subject = fields.optional("subject", .verbatim(maxBytes: 4096))
        from = fields.optional("from", .verbatim(maxBytes: 4096))
        to = fields.optional("to", .verbatim(maxBytes: 4096))
    }
}

extension JSONValue {
    /// The value on several lines, members indented.
    fileprivate func readable(indent: String = "") -> String {
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
