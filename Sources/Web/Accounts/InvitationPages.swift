import Casework
import Hummingbird
import Tenancy

/// Inviting people by mail: those that are ticked in the list, one, or everybody who was never invited.
enum InvitationPages {
    static let routes: [PageRoute] = [
        .get("/invitations", .signedIn(.adminInPerson)) { try await show($0) },
        .post("/invitations", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                try visit.call.requireMail()
                let guests = try Fields.read(form: visit.form.fields) { Guests(&$0) }
                let invited = try await InvitationRepository(work: visit.call.work())
                    .invite(byMail: guests, host: visit.call.host)
                return visit.redirect("/accounts", done: .invited, count: invited)
            } again: {
                try await show($0)
            }
        },
        .post("/accounts/{id}/invitation/mail", .signedIn(.adminInPerson)) { visit in
            try visit.call.requireMail()
            let id = try visit.call.id("id")
            let invited = try await InvitationRepository(work: visit.call.work())
                .invite(byMail: .chosen([id]), host: visit.call.host)
            return visit.redirect("/accounts/\(id)", done: .invited, count: invited)
        },
    ]

    private static func show(_ visit: Visit) async throws -> Response {
        let (viewer, counts) = try await visit.read(InvitationRepository.counts)
        return visit.page(title: visit.words[AccountText.invitations], viewer: viewer, current: "/accounts") {
            InvitationListPage(visit: visit, counts: counts).html
        }
    }
}

/// How many people were invited and came, and a button that invites the others.
struct InvitationListPage {
    let visit: Visit
    let counts: [InvitationState.Step: Int]

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(
            words[AccountText.invitations], text: words[AccountText.invitationsText],
            crumbs: breadcrumbs(words, [Crumb(text: words[AccountText.heading], address: "/accounts")]))
        section(.class("card"), .ariaLabel(words[AccountText.invitations])) {
            dataTable(
                .ariaLabel(words[AccountText.invitations]),
                [.name(words[AccountText.invitation]), .number(words[AccountText.heading])],
                of: InvitationState.Step.allCases
            ) { step in
                a(.href("/accounts?invitation=\(step.rawValue)")) { words[step.text] }
                words.number(counts[step] ?? 0)
            }
        }
        if visit.call.site.sendsMail { card("everybody", words[AccountText.inviteAll]) { everybody } }
    }

    private var roles: [(value: String, label: String)] {
        let roles = Role.allCases.reversed().map { (value: $0.rawValue, label: words[$0.text]) }
        return [(value: "", label: words[AccountText.roleAll])] + roles
    }

    @HTMLBuilder private var everybody: HTML {
        p(.class("hint")) { words[AccountText.inviteAllText] }
        visit.postForm(.class("form"), to: "/invitations") {
            hiddenField("everybody", "true")
            visit.field(
                Input(
                    name: "role", label: words[AccountText.role],
                    kind: .choice(roles)))
            actions { submitButton(words[AccountText.inviteMail], .primary) }
        }
    }
}

extension InvitationState.Step {
    var text: AccountText {
        switch self {
        case .none: .invitationNone
        case .sending: .invitationSending
        case .failed: .invitationFailed
        case .invited: .invitationInvited
        case .expired: .invitationExpired
        case .accepted: .invitationAccepted
        }
    }

    private var tone: Tag.Tone {
        switch self {
        case .accepted: .ok
        case .failed, .expired: .warn
        case .none, .sending, .invited: .plain
        }
    }

    func tag(_ words: Catalogue) -> Tag { Tag(text: words[text], tone: tone) }
}

/// How far an invitation is, and since when.
func invitation(_ state: InvitationState, zone: String, _ words: Catalogue) -> HTML {
    cell {
        tag(state.step.tag(words))
        if let at = state.at { fact(words.instant(at, zone: zone)) }
    }
}
