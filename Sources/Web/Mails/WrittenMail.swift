import Casework
import Dates
import Foundation
import Hummingbird

/// A mail as a person reads it, as text and as HTML: a list of what it is about, with what the institution says around it, why it
/// came, and the way out of it.
struct WrittenMail {
    let letter: Letter
    /// Scheme, host and port of the institution.
    let origin: String
    let words: Catalogue

    /// The institution's own texts in this language.
    private var template: MailTemplate? { letter.templates.first { $0.language.rawValue == words.language } }

    /// One of them with its gaps filled; nil where the program's stands. What is stored has been read before.
    private func own(_ text: KeyPath<MailTemplate, String>) -> String? {
        guard let source = template?[keyPath: text],
            let text = try? TemplateText(parsing: source, known: letter.contents.kind.gaps)
        else { return nil }
        var values: [TemplateText.Gap: String] = [
            .name: line(letter.recipient.name), .institution: line(letter.institution), .count: words.number(count),
        ]
        switch letter.contents {
        case .reminders(let items):
            values[.title] = line(items.first?.title ?? "")
            values[.date] = items.first.map { words.date($0.dueOn) } ?? ""
        case .requests(let items):
            values[.title] = line(items.first?.title ?? "")
            values[.student] = line(items.first?.student ?? "")
        }
        return text.filled(values)
    }

    /// A line of its own for each title and name, whatever is in them.
    private func line(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " ") }

    /// How many things it names.
    private var count: Int {
        switch letter.contents {
        case .reminders(let items): items.count
        case .requests(let items): items.count
        }
    }

    var subject: String {
        if let own = own(\.subject) { return line(own) }
        switch letter.contents {
        case .reminders(let items):
            guard let first = items.first, count == 1 else { return words[MailText.subjectMany, n: count] }
            return words[MailText.subject, ["title": line(first.title), "date": words.date(first.dueOn)]]
        case .requests(let items):
            guard let first = items.first, count == 1 else { return words[MailText.requestsMany, n: count] }
            return words[MailText.requestSubject, ["title": line(first.title), "student": line(first.student)]]
        }
    }

    /// Where mail ends without signing in.
    var unsubscribe: String? { letter.recipient.token.map { "\(origin)/unsubscribe/\($0)" } }

    /// What stands before the list, line by line.
    private var opening: [String] { own(\.opening)?.lines ?? [greeting, "", intro] }
    /// What stands behind it.
    private var closing: [String] { own(\.closing)?.lines ?? [] }
    private var greeting: String { words[MailText.greeting, ["name": line(letter.recipient.name)]] }

    private var intro: String {
        switch letter.contents {
        case .reminders: words[MailText.intro, n: count]
        case .requests: words[MailText.requestsIntro, n: count]
        }
    }

    /// What it names, and what is said of each.
    private var items: [(title: String, detail: String)] {
        switch letter.contents {
        case .reminders(let items):
            items.map { item in
                (
                    line(item.title),
                    words[MailText.due, ["cohort": line(item.cohort), "date": words.date(item.dueOn)]]
                )
            }
        case .requests(let items):
            items.map { item in
                (
                    line(item.student),
                    words[
                        item.isExtension ? MailText.asksForDate : .asksForAnswer,
                        ["title": line(item.title), "cohort": line(item.cohort)]]
                )
            }
        }
    }

    /// Where the reader goes on.
    private var way: (text: String, address: String) {
        switch letter.contents {
        case .reminders: (words[MailText.dashboard], "\(origin)/dashboard")
        case .requests: (words[MailText.inbox], "\(origin)/inbox")
        }
    }

    private var reason: String {
        let institution = ["institution": line(letter.institution)]
        return switch letter.contents {
        case .reminders: words[MailText.reason, institution]
        case .requests: words[MailText.requestReason, institution]
        }
    }

    private var stop: String {
        switch letter.contents {
        case .reminders: words[MailText.stop]
        case .requests: words[MailText.stopRequests]
        }
    }

    var text: String {
        var lines = opening + [""]
        for item in items { lines += ["- \(item.title)", "  \(item.detail)"] }
        lines += ["", way.text, way.address, ""]
        if !closing.isEmpty { lines += closing + [""] }
        lines += ["-- ", reason]
        if let unsubscribe { lines += [stop, unsubscribe] }
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
                    for item in items {
                        li {
                            b { item.title }
                            span { " \(item.detail)" }
                        }
                    }
                }
                p { a(.href(way.address)) { way.text } }
                for line in closing where !line.isEmpty { p { line } }
                p {
                    small {
                        reason
                        if let unsubscribe {
                            " "
                            a(.href(unsubscribe)) { stop }
                        }
                    }
                }
            }
        }
        return "<!DOCTYPE html>\n" + String(decoding: page.bytes, as: UTF8.self) + "\n"
    }
}

extension WrittenMail {
    /// A mail to somebody who looks at its texts, about what nobody has.
    static func sample(
        _ kind: MailKind, _ template: MailTemplate?, in language: Language, for viewer: Viewer, _ call: Call
    ) -> WrittenMail {
        let words = Catalogue.bundled[language] ?? .english
        let titles = (words[MailText.sampleFirst], words[MailText.sampleSecond])
        let cohort = words[MailText.sampleCohort]
        let contents: Letter.Contents =
            switch kind {
            case .reminder:
                .reminders([
                    .init(sample: titles.0, cohort: cohort, dueOn: viewer.today.adding(days: 7)),
                    .init(sample: titles.1, cohort: cohort, dueOn: viewer.today.adding(days: 9)),
                ])
            case .request:
                .requests([
                    .init(sample: titles.0, student: "Ada Lovelace", cohort: cohort, isExtension: false),
                    .init(sample: titles.1, student: "Alan Turing", cohort: cohort, isExtension: true),
                ])
            }
        return WrittenMail(
            letter: .sample(to: viewer.name, of: viewer.institution, contents, template),
            origin: "https://\(call.request.head.authority ?? "")", words: words)
    }
}

extension Letter.Contents {
    /// What it is about.
    fileprivate var kind: MailKind {
        switch self {
        case .reminders: .reminder
        case .requests: .request
        }
    }
}

extension String {
    /// Its lines; none where it is empty.
    fileprivate var lines: [String] {
        isEmpty ? [] : split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    }
}
