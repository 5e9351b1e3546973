import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// The institution's own texts of mail.
enum MailTemplateAPI {
    private static let texts: [Schema.Property] = [
        .field("subject", .string(1...200)), .field("opening", .string(1...2_000)),
    ]
    private static let template = Schema.versioned(
        [.field("language", .choice(Catalogue.languages))] + texts
            + [.field("closing", .string(0...2_000)), .field("version", .integer(0...Int(Int32.max)))])
    private static let kind: [Route.Parameter] = [
        .init("kind", .choice(MailKind.allCases.map(\.rawValue)), "Of which mail; without it of reminders")
    ]
    private static let placeholders = MailKind.allCases.map(placeholders(of:)).joined(separator: ", ")
    private static let draft = Schema.object(texts + [.optional("closing", .nullable(.string(0...2_000)))])

    private static func placeholders(of kind: MailKind) -> String {
        "of a \(kind.rawValue) " + kind.gaps.map { "{\($0.rawValue)}" }.joined(separator: " ")
    }

    static let routes: [Route] = [
        Route(
            .get, "/mail-templates", .signedIn(.adminInPerson),
            "Lists the languages in which the texts of a kind of mail are the institution's own", query: kind,
            answer: .object([.field("items", .array(template)), .field("next", .nullable(.string()))])
        ) { call in
            call.answer(Page(items: try await call.read(MailTemplateRepository.list(call.mailKind))))
        },
        Route(
            .put, "/mail-templates/{language}", .signedIn(.adminInPerson),
            "Makes the texts of a language the institution's own; known placeholders are \(placeholders)",
            query: kind, payload: .json(draft), answer: template, permission: { try $0.language.permission },
            problems: [404, 412]
        ) { call in
            let kind = try call.mailKind
            let draft = try Fields.read(try await call.json()) { MailTemplateDraft(&$0, of: kind) }
            return call.answer(
                try await MailTemplateRepository(work: try call.work(), kind: kind)
                    .set(draft, in: try call.language, ifMatch: call.ifMatch))
        },
        Route(
            .delete, "/mail-templates/{language}", .signedIn(.adminInPerson),
            "Goes back to the standard texts of a language", query: kind,
            status: .noContent, permission: { try $0.language.permission }, problems: [404, 412]
        ) { call in
            try await MailTemplateRepository(work: try call.work(), kind: call.mailKind)
                .remove(try call.language, ifMatch: call.ifMatch)
            return call.nothing
        },
        Route(
            .post, "/mail-templates/{language}/preview", .signedIn(.adminInPerson),
            "Shows a mail with these texts, as plain text and as HTML; nothing is stored", query: kind,
            payload: .json(draft),
            answer: .object([.field("subject"), .field("text"), .field("html")]),
            permission: { try $0.language.permission }, problems: [404]
        ) { call in
            let kind = try call.mailKind
            let draft = try Fields.read(try await call.json()) { MailTemplateDraft(&$0, of: kind) }
            let viewer = try await call.read(Viewer.reading)
            let language = try call.language
            return call.answer(
                MailSample(mail: .sample(kind, draft.template(in: language), in: language, for: viewer, call)))
        },
    ]
}

/// A mail to look at.
private struct MailSample: JSONEncodable {
    let mail: WrittenMail

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("subject", mail.subject)
            $0.field("text", mail.text)
            $0.field("html", mail.page)
        }
    }
}

extension Call {
    /// The language that the path names.
    var language: Language {
        get throws {
            guard let language = Language(rawValue: try word("language")) else { throw CaseworkError.notFound }
            return language
        }
    }
}

extension Call {
    /// The kind of mail that the query names; reminders where it names none.
    fileprivate var mailKind: MailKind {
        get throws { try query { $0.optional("kind", .choice(MailKind.self)) } ?? .reminder }
    }
}

extension Language {
    fileprivate var permission: Permission { .institution }
}
