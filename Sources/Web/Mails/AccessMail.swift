import Casework
import Foundation

/// What a mail about the way in says: a link by which somebody chooses a password, or that the password is another now, or codes are on or off.
///
/// It goes to whoever is meant, whatever mail they want else: nobody unsubscribes from it. Its words are the program's own.
struct AccessMail {
    let letter: AccessLetter
    /// Scheme, host and port of the institution.
    let origin: String
    let words: Catalogue

    private var institution: String { letter.institution.split(whereSeparator: \.isNewline).joined(separator: " ") }
    private var name: String { letter.recipient.name.split(whereSeparator: \.isNewline).joined(separator: " ") }

    var subject: String {
        let text: MailText =
            switch letter.matter {
            case .invitation: .invitationSubject
            case .reset: .resetSubject
            case .passwordChanged: .passwordSubject
            case .codes(let isOn, _): isOn ? .codesOnSubject : .codesOffSubject
            }
        return words[text, ["institution": institution]]
    }

    /// Why it comes, paragraph by paragraph.
    private var paragraphs: [String] {
        switch letter.matter {
        case .invitation(_, let until):
            [
                words[MailText.invitationIntro, ["institution": institution]],
                words[MailText.linkUntil, ["date": time(until)]],
            ]
        case .reset(_, let until):
            [
                words[MailText.resetIntro, ["institution": institution]],
                words[MailText.linkUntil, ["date": time(until)]],
            ]
        case .passwordChanged(let day):
            [words[MailText.passwordIntro, ["institution": institution, "date": words.date(day)]]]
        case .codes(let isOn, let day):
            [
                words[
                    isOn ? MailText.codesOnIntro : .codesOffIntro,
                    ["institution": institution, "date": words.date(day)]]
            ]
        }
    }

    /// What to do who has not asked for it.
    private var reason: String {
        let text: MailText =
            switch letter.matter {
            case .invitation: .invitationReason
            case .reset: .resetReason
            case .passwordChanged: .passwordReason
            case .codes: .codesReason
            }
        return words[text, ["institution": institution]]
    }

    /// Where the mail leads, and what that is called.
    private var link: (address: String, text: String) {
        switch letter.matter {
        case .invitation(let secret, _), .reset(let secret, _):
            ("\(origin)/invitations/\(secret.text)", words[SessionText.invited])
        case .passwordChanged: ("\(origin)/forgot-password", words[SessionText.forgot])
        case .codes: ("\(origin)/account/codes", words[SessionText.codes])
        }
    }

    private func time(_ moment: Date) -> String { words.instant(moment, zone: letter.timeZone) }
    private var greeting: String { words[MailText.greeting, ["name": name]] }

    var text: String {
        let lines = [greeting, ""] + paragraphs.flatMap { [$0, ""] } + [link.text, link.address, "", "-- ", reason]
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
                for paragraph in paragraphs { p { paragraph } }
                p { a(.href(link.address)) { link.text } }
                p { small { reason } }
            }
        }
        return "<!DOCTYPE html>\n" + String(decoding: page.bytes, as: UTF8.self) + "\n"
    }
}
