import Casework
import Foundation

/// One account: its details, the link by which its person chooses a password, and deleting it.
struct AccountPage {
    let visit: Visit
    let account: Account
    /// How far the invitation is.
    let state: InvitationState
    /// Whether sign-in asks for a code.
    let usesCodes: Bool
    /// How it stands to the identity provider.
    let identity: AccountIdentity
    /// When the student was erased; nil for everybody else.
    let erasedAt: Date?
    /// The one just made.
    let invitation: Invitation?
    /// IANA name of the viewer's time zone.
    let timeZone: String

    private var words: Catalogue { visit.words }
    private var address: String { "/accounts/\(account.id)" }

    @HTMLBuilder var html: HTML {
        heading
        if let erasedAt {
            section(.class("card")) {
                p { words[ErasureText.erasedOn, ["date": words.instant(erasedAt, zone: timeZone)]] }
            }
        } else {
            cards
        }
    }

    @HTMLBuilder private var cards: HTML {
        if let invitation { notice(of: invitation) }
        card("details", words[AccountText.details]) {
            visit.postForm(.class("form"), .data("keep"), to: address, version: account.version) {
                AccountForm(visit: visit).fields(of: account)
                actions { submitButton(words[ShellText.save], .primary) }
            }
        }
        card("access", words[AccountText.access]) { access }
        AccountIdentityCard(visit: visit, account: account, identity: identity, timeZone: timeZone).html
        if account.role == .student {
            card("erasure", words[ErasureText.title]) {
                p { words[ErasureText.linkText] }
                p { a(.class("button"), .href("/students/\(account.id)/erasure")) { words[ErasureText.link] } }
            }
        }
        card("end", words[AccountText.delete]) {
            visit.removal(
                words[AccountText.deleteThis], words[AccountText.deleteText], at: "\(address)/delete",
                version: account.version)
        }
    }

    private var heading: HTML {
        pageHead(
            crumbs: breadcrumbs(words, [Crumb(text: words[AccountText.heading], address: "/accounts")]),
            beside: {
                if erasedAt != nil {
                    HTML()
                } else if account.role == .student {
                    a(.class("button"), .href("/students/\(account.id)/record")) { words[AccountText.record] }
                } else {
                    a(.class("button"), .href("\(address)/card")) { words[AccountText.card] }
                }
            },
            content: {
                h1 { bdi { account.name } }
                p {
                    words[account.role.text]
                    " "
                    tag(account.status.tag(words))
                }
            })
    }

    private func notice(of invitation: Invitation) -> HTML {
        let expiry = words.instant(invitation.expiresAt, zone: timeZone)
        return section(.class("notice"), .role("status"), .labelledBy("link")) {
            h2(.id("link")) { words[AccountText.linkReady] }
            p { "\(words[AccountText.linkOnce]) \(words[AccountText.linkUntil, ["date": expiry]])" }
            div(.class("field")) {
                label(.for("url")) { words[AccountText.link] }
                input(.id("url"), .type("text"), .readOnly, .value(visit.call.address(of: invitation)))
            }
        }
    }

    @HTMLBuilder private var access: HTML {
        div { Web.invitation(state, zone: timeZone, words) }
        if account.status == .active {
            p { words[AccountText.inviteText] }
            div(.class("row")) {
                if visit.call.site.sendsMail {
                    visit.postForm(to: "\(address)/invitation/mail") { submitButton(words[AccountText.inviteMail]) }
                }
                visit.postForm(to: "\(address)/invitation") { submitButton(words[AccountText.invite]) }
            }
        } else {
            p(.class("quiet")) { words[AccountText.noInvite] }
        }
        if usesCodes {
            visit.removal(
                words[AccountText.takeCodes], words[AccountText.takeCodesText], at: "\(address)/authenticator/remove")
        }
    }
}
