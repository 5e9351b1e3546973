import Casework
import Hummingbird
import Tenancy

/// People, for admins: finding, adding and changing them, and the link by which somebody chooses a password.
enum AccountPages {
    static let routes: [PageRoute] = [
        .get("/accounts", .signedIn(.admin)) { try await list($0) },
        .get("/accounts/new", .signedIn(.admin)) { try await new($0) },
        .post("/accounts", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let draft = try Fields.read(form: named(visit.form)) { AccountDraft(&$0) }
                let account = try await AccountRepository(work: visit.call.work())
                    .create(draft, hashing: visit.call.site.passwords)
                return visit.redirect("/accounts/\(account.id)", done: .created)
            } again: {
                try await new($0)
            }
        },
        .get("/accounts/{id}", .signedIn(.admin)) { try await show($0) },
        .post("/accounts/{id}", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                var patch = try Fields.read(form: named(visit.form)) { AccountPatch(&$0) }
                if patch.familyName == nil, visit.form["familyName"] != nil { patch.familyName = "" }
                _ = try await AccountRepository(work: visit.call.work())
                    .update(id, patch, ifMatch: .any, hashing: visit.call.site.passwords)
                return visit.redirect("/accounts/\(id)", done: .saved)
            } again: {
                try await show($0)
            }
        },
        .post("/accounts/{id}/invitation", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let invitation = try await InvitationRepository(work: visit.call.work()).invite(visit.call.id("id"))
                return try await show(visit.untyped, invitation: invitation)
            } again: {
                try await show($0.untyped)
            }
        },
        .post("/accounts/{id}/delete", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                try await AccountRepository(work: visit.call.work()).remove(visit.call.id("id"), ifMatch: .any)
                return visit.redirect("/accounts", done: .deleted)
            } again: {
                try await show($0.untyped)
            }
        },
    ]

    /// What a form says, without a last name left empty: that is nobody's mistake.
    private static func named(_ form: Form) -> [String: [String]] {
        form.fields.filter { $0.key != "familyName" || !($0.value.first ?? "").trimmingSpaces.isEmpty }
    }

    private static func list(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let (filter, page) = try visit.call.query { (AccountFilter(&$0), $0.page()) }
        let accounts = try await AccountRepository(work: visit.call.work()).list(filter, page)
        return try visit.page(
            "accounts/list", title: words.text("accounts.heading"), viewer: viewer, current: "/accounts",
            [
                "search": filter.text ?? "",
                "roles": visit.filterOptions(
                    Role.allCases.map(\.rawValue), "accounts.role-", chosen: filter.role?.rawValue),
                "states": visit.filterOptions(
                    AccountStatus.allCases.map(\.rawValue), "accounts.status-", chosen: filter.status?.rawValue),
                "hasPeople": !accounts.items.isEmpty, "pager": visit.pagerModel(accounts.next),
                "people": accounts.items.map { account -> Visit.Model in
                    [
                        "person": String(account.id), "fullName": account.fullName, "address": account.email,
                        "role": words.text("accounts.role-\(account.role.rawValue)"),
                        "number": account.studentNumber ?? "",
                        "state": words.text("accounts.status-\(account.status.rawValue)"), "mood": mood(account.status),
                    ]
                },
            ])
    }

    private static func new(_ visit: Visit) async throws -> Response {
        let viewer = try await visit.viewer()
        return try visit.page(
            "accounts/new", title: visit.words.text("accounts.new"), viewer: viewer, current: "/accounts",
            ["fields": visit.inputs(fields(visit, account: nil))])
    }

    private static func show(_ visit: Visit, invitation: Invitation? = nil) async throws -> Response {
        let viewer = try await visit.viewer()
        let words = visit.words
        let account = try await AccountRepository(work: visit.call.work()).find(visit.call.id("id"))
        var model: Visit.Model = [
            "person": String(account.id), "fullName": account.fullName,
            "role": words.text("accounts.role-\(account.role.rawValue)"),
            "state": words.text("accounts.status-\(account.status.rawValue)"), "mood": mood(account.status),
            "fields": visit.inputs(fields(visit, account: account)), "hasCard": account.role != .student,
            "mayInvite": account.status == .active,
        ]
        if let invitation {
            model["invitation"] = [
                "link": "https://\(visit.call.authority)/invitations/\(invitation.secret.text)",
                "until": words.text(
                    "accounts.linkUntil", ["date": words.instant(invitation.expiresAt, zone: viewer.timeZone)]),
            ]
        }
        var response = try visit.page(
            "accounts/show", title: account.fullName, viewer: viewer, current: "/accounts", model)
        if invitation != nil { response.headers[.cacheControl] = "no-store" }
        return response
    }

    private static func mood(_ status: AccountStatus) -> String {
        switch status {
        case .active: "ok"
        case .suspended: "warn"
        case .archived: ""
        }
    }

    private static func fields(_ visit: Visit, account: Account?) -> [Input] {
        let words = visit.words
        return [
            Input(
                name: "givenName", label: words.text("accounts.givenName"), value: account?.givenName, isRequired: true,
                limit: 200),
            Input(name: "familyName", label: words.text("accounts.familyName"), value: account?.familyName, limit: 200),
            Input(
                name: "email", label: words.text("accounts.email"), hint: words.text("accounts.emailHint"),
                kind: .line(type: "email"), value: account?.email, isRequired: true, limit: 254),
            Input(
                name: "role", label: words.text("accounts.role"), hint: words.text("accounts.roleHint"),
                kind: .choice(visit.options(Role.allCases.map(\.rawValue).reversed(), "accounts.role-")),
                value: (account?.role ?? .student).rawValue, isRequired: true),
            Input(
                name: "status", label: words.text("accounts.status"), hint: words.text("accounts.statusHint"),
                kind: .choice(visit.options(AccountStatus.allCases.map(\.rawValue), "accounts.status-")),
                value: (account?.status ?? .active).rawValue, isRequired: true),
            Input(
                name: "studentNumber", label: words.text("accounts.number"), hint: words.text("accounts.numberHint"),
                value: account?.studentNumber, limit: 100),
        ]
    }
}

extension Account {
    /// First and last name, as people write it.
    var fullName: String { "\(givenName) \(familyName)".trimmingSpaces }
}
