import Casework
import Foundation

/// What a reminder says, as text and as HTML.
struct ReminderMail {
    let letter: ReminderLetter
    /// Scheme, host and port of the institution.
    let origin: String
    let words: Catalogue

    /// A line of its own for each title and name, whatever is in them.
    private func line(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " ") }

    var subject: String {
        guard let first = letter.items.first else { return "" }
        return letter.items.count == 1
            ? words[MailText.subject, ["title": line(first.title), "date": words.date(first.dueOn)]]
            : words[MailText.subjectMany, n: letter.items.count]
    }

    /// Where reminders end without signing in.
    var unsubscribe: String? { letter.recipient.token.map { "\(origin)/unsubscribe/\($0)" } }

    private var greeting: String { words[MailText.greeting, ["name": line(letter.recipient.name)]] }
    private var intro: String { words[MailText.intro, n: letter.items.count] }
    private var reason: String { words[MailText.reason, ["institution": line(letter.institution)]] }
    private func due(_ item: ReminderLetter.Item) -> String {
        words[MailText.due, ["cohort": line(item.cohort), "date": words.date(item.dueOn)]]
    }

    var text: String {
        var lines = [greeting, "", intro, ""]
        for item in letter.items { lines += ["- \(line(item.title))", "  \(due(item))"] }
        lines += ["", words[MailText.dashboard], "\(origin)/dashboard", "", "-- ", reason]
        if let unsubscribe { lines += [words[MailText.stop], unsubscribe] }
        return lines.joined(separator: "\n") + "\n"
    }

    var page: String {
        let page = html(.lang(words.language)) {
            head {
                meta(.charset("utf-8"))
                title { subject }
            }
            body {
                p { greeting }
                p { intro }
                ul {
                    for item in letter.items {
                        li {
                            b { item.title }
                            span { " \(due(item))" }
                        }
                    }
                }
                p { a(.href("\(origin)/dashboard")) { words[MailText.dashboard] } }
                p {
                    small {
                        reason
                        if let unsubscribe {
                            " "
                            a(.href(unsubscribe)) { words[MailText.stop] }
                        }
                    }
                }
            }
        }
        return "<!DOCTYPE html>\n" + String(decoding: page.bytes, as: UTF8.self) + "\n"
    }
}
