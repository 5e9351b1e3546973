import Casework
import Dates
import Hummingbird
import Tenancy

/// The texts of mail, as an admin writes them: a page for each kind and language, with a look at the mail before it is saved.
enum MailTemplatePages {
    static let routes: [PageRoute] = [
        .get("/settings/mail/{language}", .signedIn(.adminInPerson)) { try await show($0) },
        .post("/settings/mail/{language}", .signedIn(.adminInPerson)) { visit in
            let (kind, language) = try (visit.mailKind, visit.call.language)
            return try await visit.attempt {
                let names = ["subject", "opening", "closing"]
                let draft = try Fields.read(form: visit.form.fields.filter { names.contains($0.key) }) {
                    MailTemplateDraft(&$0, of: kind)
                }
                if visit.form["action"] == "preview" { return try await show(visit, draft.template(in: language)) }
                _ = try await MailTemplateRepository(work: visit.call.work(), kind: kind)
                    .set(draft, in: language, ifMatch: visit.seenVersion)
                return visit.redirect(kind.address(language), done: .saved)
            } again: {
                try await show($0)
            }
        },
        .post("/settings/mail/{language}/standard", .signedIn(.adminInPerson)) { visit in
            let (kind, language) = try (visit.mailKind, visit.call.language)
            return try await visit.attempt {
                try await MailTemplateRepository(work: visit.call.work(), kind: kind)
                    .remove(language, ifMatch: visit.seenVersion)
                return visit.redirect(kind.address(language), done: .restored)
            } again: {
                try await show($0.untyped)
            }
        },
    ]

    /// - Parameter preview: the texts to look at; nil for those that are stored.
    private static func show(_ visit: Visit, _ preview: MailTemplate? = nil) async throws -> Response {
        let (kind, language) = try (visit.mailKind, visit.call.language)
        let (viewer, stored) = try await visit.read(MailTemplateRepository.find(kind, language))
        let page = MailTemplatePage(
            visit: visit, kind: kind, language: language, stored: stored,
            mail: .sample(kind, preview ?? stored, in: language, for: viewer, visit.call), isPreview: preview != nil)
        let title = "\(visit.words[MailText.texts]): \(Catalogue.name(of: language.rawValue))"
        return visit.page(title: title, viewer: viewer, current: "/settings") { page.html }
    }
}

/// The form with the texts of a language, and a mail made of them.
struct MailTemplatePage {
    let visit: Visit
    let kind: MailKind
    let language: Language
    /// Nil where the texts are the program's.
    let stored: MailTemplate?
    /// What is looked at.
    let mail: WrittenMail
    /// Whether that is what was typed, and not yet saved.
    let isPreview: Bool

    private var words: Catalogue { visit.words }
    private var address: String { "/settings/mail/\(language.rawValue)" }
    /// The program's texts, from which an admin starts.
    private var standard: Catalogue { Catalogue.bundled[language] ?? words }

    @HTMLBuilder var html: HTML {
        pageHead(
            words[MailText.texts], text: words[MailText.textsText],
            crumbs: breadcrumbs(words, [Crumb(text: words[SettingsText.title], address: "/settings")]))
        filters(
            words[MailText.kind],
            MailKind.allCases.map {
                Tab(text: words[$0.text], address: $0.address(language), isCurrent: $0 == kind)
            })
        filters(
            words[SettingsText.language],
            Language.allCases.map {
                Tab(
                    text: Catalogue.name(of: $0.rawValue), address: kind.address($0), isCurrent: $0 == language)
            })
        div(.class("halves")) {
            card("texts", Catalogue.name(of: language.rawValue)) {
                p(.class("small")) { words[stored == nil ? MailText.isStandard : .isOwn] }
                form
                if let stored {
                    visit.confirmation(
                        words[MailText.toStandard], words[MailText.toStandardText], at: "\(address)/standard"
                    ) {
                        visit.postForm(to: "\(address)/standard", version: stored.version) {
                            hiddenField("kind", kind.rawValue)
                            submitButton(words[MailText.toStandard])
                        }
                    }
                }
            }
            look
        }
    }

    private var form: HTML {
        visit.postForm(.class("form"), .data("keep"), to: address, version: version) {
            hiddenField("kind", kind.rawValue)
            visit.field(
                Input(
                    name: "subject", label: words[MailText.subjectLabel],
                    hint: words[kind == .reminder ? MailText.gaps : .requestGaps],
                    value: stored?.subject
                        ?? standard[kind == .reminder ? MailText.standardSubject : .requestStandardSubject],
                    isRequired: true, limit: 200))
            visit.field(
                Input(
                    name: "opening", label: words[MailText.openingLabel], kind: .text,
                    value: stored?.opening
                        ?? standard[kind == .reminder ? MailText.standardOpening : .requestStandardOpening],
                    isRequired: true, limit: 2_000))
            visit.field(
                Input(
                    name: "closing", label: words[MailText.closingLabel], hint: words[MailText.closingHint],
                    kind: .text,
                    value: stored?.closing, limit: 2_000))
            actions {
                submitButton(words[ShellText.save], .primary, .name("action"), .value("save"))
                submitButton(words[MailText.look], .plain, .name("action"), .value("preview"))
            }
        }
    }

    /// While a text is looked at, the form keeps the version that it was typed into.
    private var version: Version {
        isPreview ? visit.seen ?? Version(-1) : stored?.version ?? Version(0)
    }

    private var look: HTML {
        card("look", words[isPreview ? MailText.lookTyped : .lookStored]) {
            div(.lang(language.rawValue), .class("stack")) {
                p { b { mail.subject } }
                p(.class("prose")) { mail.text }
            }
        }
    }
}

extension Visit {
    /// The kind of mail that a form or the address names; reminders where neither does.
    fileprivate var mailKind: MailKind {
        get throws {
            if let typed = form["kind"] { return MailKind(rawValue: typed) ?? .reminder }
            return try call.query { $0.optional("kind", .choice(MailKind.self)) } ?? .reminder
        }
    }
}

extension MailKind {
    /// The page of its texts in a language.
    fileprivate func address(_ language: Language) -> String {
        "/settings/mail/\(language.rawValue)" + (self == .reminder ? "" : "?kind=\(rawValue)")
    }
}
