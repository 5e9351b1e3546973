import Casework
import Hummingbird
import Tenancy

/// Mail for admins; what each person wants of it; unsubscribing without signing in.
enum MailPages {
    static let routes: [PageRoute] = [
        .get("/mails", .signedIn(.admin)) { visit in
            let (state, page) = try visit.call.query { ($0.optional("state", .choice(MailState.self)), $0.page()) }
            let (viewer, mails) = try await visit.read(MailRepository.list(state, page))
            let list = MailListPage(
                visit: visit, timeZone: viewer.timeZone, state: state, mails: mails.items, next: mails.next)
            return visit.page(title: visit.words[MailText.heading], viewer: viewer, current: "/mails") { list.html }
        },
        .post("/mails/resend", .signedIn(.admin)) { visit in
            try await MailRepository(work: visit.call.work()).resend(nil)
            return visit.redirect("/mails", done: .resent)
        },
        .post("/mails/{id}/resend", .signedIn(.admin)) { visit in
            try await MailRepository(work: visit.call.work()).resend(visit.call.id("id"))
            return visit.redirect("/mails", done: .resent)
        },
        .post("/account/mail", .signedIn(.any)) { visit in
            let (reminders, requests, language) = try Fields.read(form: visit.form.fields) {
                (
                    $0.value("reminders", .bool, default: false), $0.value("requests", .bool, default: false),
                    $0.optional("mailLanguage", .text(1...20))
                )
            }
            let known = language.flatMap { Catalogue.languages.contains($0) ? $0 : nil }
            // each form shows one of them
            let isStudent = try await visit.call.read(Viewer.reading).role == "student"
            try await MailPreferenceRepository(work: visit.call.work())
                .set(
                    MailPreferences(
                        reminders: !isStudent || reminders, requests: !isStudent && requests, language: known))
            return visit.redirect("/account", done: .saved)
        },
        .get("/unsubscribe/{token}", .open) { visit in
            guard MailPreferenceRepository.isToken(try visit.call.word("token")) else { return gone(visit) }
            let page = UnsubscribePage(visit: visit, isDone: false)
            return visit.page(.plain, title: visit.words[MailText.unsubscribe]) { page.html }
        },
        .postFromAnywhere("/unsubscribe/{token}") { visit in
            do {
                try await MailPreferenceRepository(work: visit.call.work()).unsubscribe(token: visit.call.word("token"))
            } catch CaseworkError.notFound {
                return gone(visit)
            }
            let page = UnsubscribePage(visit: visit, isDone: true)
            return visit.page(.plain, title: visit.words[MailText.unsubscribe]) { page.html }
        },
    ]

    private static func gone(_ visit: Visit) -> Response {
        let page = RefusalPage(
            heading: visit.words[MailText.unknownLink], text: visit.words[MailText.unknownLinkText], words: visit.words)
        return visit.page(.plain, title: page.heading, status: .notFound) { page.html }
    }
}

/// A button that ends mail; then that it has ended.
struct UnsubscribePage {
    let visit: Visit
    let isDone: Bool

    @HTMLBuilder var html: HTML {
        let words = visit.words
        section(.class("card")) {
            h1 { words[isDone ? MailText.unsubscribed : .unsubscribe] }
            p { words[isDone ? MailText.unsubscribedText : .unsubscribeText] }
            if isDone {
                p { a(.class("button"), .href("/account")) { words[SessionText.account] } }
            } else {
                form(.class("form"), .post, .action(visit.call.request.uri.path)) {
                    actions { submitButton(words[MailText.unsubscribe], .primary) }
                }
            }
        }
    }
}

/// Mail to the institution's people, with a button for what failed.
struct MailListPage {
    let visit: Visit
    let timeZone: String
    let state: MailState?
    let mails: [MailRecord]
    let next: Cursor?

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[MailText.heading], text: words[MailText.headingText])
        section(.class("card"), .ariaLabel(words[MailText.heading])) {
            p {
                a(.href("/mails"), .if(state == nil, .currentPage)) { words[MailText.all] }
                for choice in MailState.allCases {
                    " · "
                    a(.href("/mails?state=\(choice.rawValue)"), .if(state == choice, .currentPage)) {
                        words[choice.text]
                    }
                }
            }
            if mails.isEmpty {
                emptyState(words[MailText.none], level: 2) { p { words[MailText.noneText] } }
            } else {
                list
            }
            visit.pager(next)
            if mails.contains(where: { $0.state == .failed }) {
                visit.postForm(to: "/mails/resend") { submitButton(words[MailText.resendAll]) }
            }
        }
    }

    private var list: HTML {
        var columns: [Column] = [
            .name(words[MailText.to]), .text(words[MailText.kind]), .text(words[MailText.day]),
            .text(words[MailText.state]),
        ]
        if mails.contains(where: { $0.state == .failed }) { columns.append(.actions(words[MailText.actions])) }
        return dataTable(.ariaLabel(words[MailText.heading]), columns, of: mails) { mail in
            cell {
                bdi { mail.name }
                fact(mail.email)
            }
            words[mail.kind.text]
            words.date(mail.day)
            cell {
                tag(Tag(text: words[mail.state.text], tone: mail.state == .failed ? .warn : .plain))
                if let reason = mail.reason { fact(reason) }
                if let due = mail.dueAt, mail.reason != nil {
                    fact(words[MailText.again, ["time": words.instant(due, zone: timeZone)]])
                }
            }
            mail.state == .failed
                ? visit.postForm(to: "/mails/\(mail.id)/resend") { submitButton(words[MailText.resend]) } : HTML()
        }
    }
}

extension MailKind {
    /// What it is called.
    var text: MailText {
        switch self {
        case .reminder: .reminders
        case .request: .requests
        }
    }
}

extension MailMatter {
    fileprivate var text: MailText {
        switch self {
        case .reminder: .reminders
        case .request: .requests
        case .invitation: .kindInvitation
        case .reset: .kindReset
        case .password: .kindPassword
        case .codesOn: .kindCodesOn
        case .codesOff: .kindCodesOff
        case .report: .kindReport
        }
    }
}

extension MailState {
    fileprivate var text: MailText {
        switch self {
        case .waiting: .waiting
        case .sending: .sending
        case .sent: .sent
        case .dropped: .dropped
        case .failed: .failed
        }
    }
}
