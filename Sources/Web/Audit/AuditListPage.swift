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
        if let subject = search.subject { hiddenField("subject", subject) }
        visit.field(
            Input(name: "actor", label: words[AuditText.actor], hint: words[AuditText.actorHint], value: search.actor))
        visit.field(
            Input(
                name: "about", label: words[AuditText.subject], hint: words[AuditText.subjectHint], value: search.about)
        )
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
        let columns = [AuditText.when, .what, .changes].map { Column.text(words[$0]) }
        return dataTable(.ariaLabel(words[AuditText.heading]), columns, of: entries) { entry in
            time(.dateTime(entry.at.machineText)) { words.instant(entry.at, zone: timeZone) }
            cell {
                AuditSentence(entry: entry, words: words).html
                if let token = entry.tokenID { fact(words[AuditText.token, ["number": String(token)]]) }
            }
            changes(of: entry)
        }
    }

    /// Only what differs; of what was made or removed, all of it, folded.
    @HTMLBuilder private func changes(of entry: AuditEntry) -> HTML {
        let changes = AuditChange.all(of: entry)
        if entry.before != nil, entry.after != nil {
            for change in changes { line(change) }
        } else if !changes.isEmpty {
            details {
                summary {
                    words[AuditText.show]
                    visuallyHidden(": \(entry.subjectName ?? entry.subject)")
                }
                for change in changes { line(change) }
            }
        }
    }

    private func line(_ change: AuditChange) -> HTML {
        p(.class("prose")) {
            "\(words.label(change.field)): "
            let states = [change.before, change.after].compactMap(\.self)
            bdi { states.map { words.audited($0, of: change.field) }.joined(separator: " → ") }
        }
    }
}

/// What is looked for, as it was typed.
struct AuditSearch {
    let actor: String?
    let about: String?
    let subject: String?
    let from: String?
    let to: String?

    /// Reads the parameters of the query string.
    init(_ fields: inout Fields) {
        actor = fields.optional("actor", .verbatim(maxBytes: 4096))
        about = fields.optional("about", .verbatim(maxBytes: 4096))
        subject = fields.optional("subject", .verbatim(maxBytes: 4096))
        from = fields.optional("from", .verbatim(maxBytes: 4096))
        to = fields.optional("to", .verbatim(maxBytes: 4096))
    }
}
