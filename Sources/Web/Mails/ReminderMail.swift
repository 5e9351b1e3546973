import Casework
import Foundation

/// A mail in its words, as text and as HTML.
protocol WrittenMail {
    /// One line.
    var subject: String { get }
    /// As plain text.
    var text: String { get }
    /// As an HTML document.
    var page: String { get }
    /// Where mail of its kind ends without signing in; nil where it cannot.
    var unsubscribe: String? { get }
}

/// What a reminder says.
struct ReminderMail: WrittenMail {
    let letter: ReminderLetter
    /// Scheme, host and port of the institution.
    let origin: String
    let words: Catalogue

    /// The institution's own texts in this language.
    private var template: MailTemplate? { letter.templates.first { $0.language.rawValue == words.language } }

    /// One of them with its gaps filled; nil where the program's stands. What is stored has been read before.
    private func own(_ text: KeyPath<MailTemplate, String>) -> String? {
        guard let source = template?[keyPath: text], let text = try? TemplateText(parsing: source) else { return nil }
        let first = letter.items.first
        return text.filled([
            .name: line(letter.recipient.name), .institution: line(letter.institution),
            .count: words.number(letter.items.count), .title: line(first?.title ?? ""),
            .date: first.map { words.date($0.dueOn) } ?? "",
        ])
    }

    /// A line of its own for each title and name, whatever is in them.
    private func line(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " ") }

    var subject: String {
        guard let first = letter.items.first else { return "" }
        if let own = own(\.subject) { return line(own) }
        return letter.items.count == 1
            ? words[MailText.subject, ["title": line(first.title), "date": words.date(first.dueOn)]]
            : words[MailText.subjectMany, n: letter.items.count]
    }

    /// Where reminders end without signing in.
    var unsubscribe: String? { letter.recipient.token.map { "\(origin)/unsubscribe/\($0)" } }

    /// What stands before the milestones, line by line.
    private var opening: [String] { own(\.opening)?.lines ?? [greeting, "", intro] }
    /// What stands behind them.
    private var closing: [String] { own(\.closing)?.lines ?? [] }
    private var greeting: String { words[MailText.greeting, ["name": line(letter.recipient.name)]] }
    private var intro: String { words[MailText.intro, n: letter.items.count] }
    private var reason: String { words[MailText.reason, ["institution": line(letter.institution)]] }
    private func due(_ item: ReminderLetter.Item) -> String {
        words[MailText.due, ["cohort": line(item.cohort), "date": words.date(item.dueOn)]]
    }

    var text: String {
        var lines = opening + [""]
        for item in letter.items { lines += ["- \(line(item.title))", "  \(due(item))"] }
        lines += ["", words[MailText.dashboard], "\(origin)/dashboard", ""]
        if !closing.isEmpty { lines += closing + [""] }
        lines += ["-- ", reason]
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
                for line in opening where !line.isEmpty { p { line } }
                ul {
                    for item in letter.items {
                        li {
                            b { item.title }
                            span { " \(due(item))" }
                        }
                    }
                }
                p { a(.href("\(origin)/dashboard")) { words[MailText.dashboard] } }
                for line in closing where !line.isEmpty { p { line } }
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

extension String {
    /// Its lines; none where it is empty.
    fileprivate var lines: [String] {
        isEmpty ? [] : split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    }
}
