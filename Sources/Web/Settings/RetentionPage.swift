import Casework

/// For how long what is kept, in words, with what goes next.
struct RetentionPage {
    let visit: Visit
    let retention: Retention

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[RetentionText.title], text: words[RetentionText.text])
        section(.class("card")) {
            visit.postForm(.class("form"), to: RetentionPages.address, version: retention.version) {
                p(.class("quiet")) { words[RetentionText.empty] }
                days("archivedStudentsDays", .archivedStudents, .archivedStudentsHint, retention.archivedStudentsDays)
                days("filesDays", .files, .filesHint, retention.filesDays)
                days("mailsDays", .mails, .mailsHint, retention.mailsDays)
                days("auditDays", .audit, .auditHint, retention.auditDays)
                actions {
                    submitButton(words[RetentionText.save], .primary)
                    a(.class("button quiet"), .href("/settings")) { words[ShellText.cancel] }
                }
            }
        }
        section(.class("card stack"), .labelledBy("next")) {
            h2(.id("next")) { words[RetentionText.next] }
            if retention.removable.total == 0 {
                p { words[RetentionText.nothingGoes] }
            } else {
                Self.list(of: retention.removable, words)
            }
        }
        section(.class("card stack"), .labelledBy("fixed")) {
            h2(.id("fixed")) { words[RetentionText.fixed] }
            ul {
                li { words[RetentionText.fixedSessions] }
                li { words[RetentionText.fixedInvitations] }
                li { words[RetentionText.fixedStatistics] }
            }
        }
    }

    private func days(_ name: String, _ label: RetentionText, _ hint: RetentionText, _ value: Int?) -> HTML {
        visit.field(
            Input(
                name: name, label: words[label], hint: words[hint], kind: .line(type: "number"),
                value: value.map(String.init)))
    }

    /// Asks whether it is meant that so much goes with the next sweep. It carries the whole form.
    @HTMLBuilder static func question(_ visit: Visit, _ removable: Retention.Removable) -> HTML {
        pageHead(visit.words[RetentionText.question], text: visit.words[RetentionText.questionText])
        section(.class("card stack")) {
            list(of: removable, visit.words)
            visit.postForm(to: RetentionPages.address, version: visit.seen) {
                for field in visit.form.fields.sorted(by: { $0.key < $1.key }) where field.key != "confirmed" {
                    for value in field.value { hiddenField(field.key, value) }
                }
                hiddenField("confirmed", "true")
                actions {
                    submitButton(visit.words[RetentionText.confirm], .danger)
                    a(.class("button quiet"), .href(RetentionPages.address)) { visit.words[ShellText.cancel] }
                }
            }
        }
    }

    private static func list(of removable: Retention.Removable, _ words: Catalogue) -> HTML {
        let kinds: [(RetentionText, Int)] = [
            (.studentsGo, removable.archivedStudents), (.filesGo, removable.files), (.mailsGo, removable.mails),
            (.entriesGo, removable.audit),
        ]
        return ul {
            for (text, count) in kinds where count > 0 { li { words[text, n: count] } }
        }
    }
}
