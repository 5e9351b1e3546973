import Postgres
import Tenancy

/// What an institution says around the list in its mail of one kind, in one language.
public struct MailTemplate: Sendable, Hashable, Versioned {
    /// The language.
    public let language: Language
    /// One line.
    public let subject: String
    /// What stands before the list.
    public let opening: String
    /// What stands behind them; may be empty.
    public let closing: String
    /// Counts the changes; 0 where the text is the program's own.
    public let version: Version
}

extension MailTemplate: RowDecodable, JSONEncodable {
    static let columns: SQL = "language, subject, opening, closing, version"

    /// Reads `columns`.
    public init(row: Row) throws {
        language = Language(rawValue: try row.get("language")) ?? .english
        subject = try row.get("subject")
        opening = try row.get("opening")
        closing = try row.get("closing")
        version = Version(try row.get("version"))
    }

    /// Writes the resource of the API.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("language", language)
            $0.field("subject", subject)
            $0.field("opening", opening)
            $0.field("closing", closing)
            $0.field("version", version.number)
        }
    }
}

/// Texts about to be stored or looked at.
public struct MailTemplateDraft: Sendable {
    /// One line.
    public let subject: String
    /// Before the list.
    public let opening: String
    /// Behind them; may be empty.
    public let closing: String

    /// Reads `subject`, `opening` and `closing`, which may be missing.
    public init(_ fields: inout Fields, of kind: MailKind) {
        subject = fields.required("subject", .template(1...200, of: kind))
        opening = fields.required("opening", .template(1...2_000, of: kind, multiline: true))
        closing = fields.optional("closing", .template(1...2_000, of: kind, multiline: true)) ?? ""
    }

    /// The texts as they would be stored.
    public func template(in language: Language) -> MailTemplate {
        MailTemplate(language: language, subject: subject, opening: opening, closing: closing, version: Version(0))
    }
}

/// The institution's own texts of one kind of mail, for admins.
public struct MailTemplateRepository: Sendable {
    private let work: UnitOfWork
    private let kind: MailKind

    /// - Parameter work: an admin's, in person.
    public init(work: UnitOfWork, kind: MailKind) {
        self.work = work
        self.kind = kind
    }

    /// Those that are the institution's own.
    public static func list(_ kind: MailKind) -> Reading<[MailTemplate]> {
        Reading(
            ("select \(MailTemplate.columns) from \(kind.templates) order by language" as SQL).all(MailTemplate.self))
    }

    /// The text of a language that is the institution's own; nil where it is the program's.
    public static func find(_ kind: MailKind, _ language: Language) -> Reading<MailTemplate?> {
        Reading(
            ("select \(MailTemplate.columns) from \(kind.templates) where language = \(language.rawValue)" as SQL)
                .optional(MailTemplate.self))
    }

    /// Makes a text the institution's own.
    /// - Throws: `CaseworkError.preconditionFailed`.
    public func set(_ draft: MailTemplateDraft, in language: Language, ifMatch seen: IfMatch) async throws
        -> MailTemplate
    {
        let sql: SQL = """
            with old as (
                select \(MailTemplate.columns) from \(kind.templates) where language = \(language.rawValue) for update),
            new as (
                insert into \(kind.templates) as t (language, subject, opening, closing)
                select \(language.rawValue), \(draft.subject), \(draft.opening), \(draft.closing)
                 where exists (select from old) or \(seen.accepts("0"))
                on conflict (language) do update set subject = excluded.subject, opening = excluded.opening,
                    closing = excluded.closing, version = t.version + 1
                 where \(seen.accepts("t.version"))
                returning t.language, t.subject, t.opening, t.closing, t.version),
            noted as (
                insert into audit (action, subject, before, after)
                select 'template.update', \(kind.subject)::text || '/' || new.language, (select \(Self.audited) from old), (select \(Self.audited) from new)
                  from new)
            select \(MailTemplate.columns) from new
            """
        let stored: MailTemplate? = try await work(sql.optional(MailTemplate.self))
        guard let stored else { throw CaseworkError.preconditionFailed }
        return stored
    }

    /// Goes back to the program's own text.
    /// - Throws: `CaseworkError.notFound` where it is that already, `.preconditionFailed`.
    public func remove(_ language: Language, ifMatch seen: IfMatch) async throws {
        let (gone, present) = try await work(
            ("""
            with gone as (
                delete from \(kind.templates) where language = \(language.rawValue) and \(seen.accepts("version"))
                returning \(MailTemplate.columns))
            insert into audit (action, subject, before)
            select 'template.delete', \(kind.subject)::text || '/' || language, \(Self.audited) from gone
            """ as SQL).affected(),
            ("select exists (select from \(kind.templates) where language = \(language.rawValue))" as SQL).value(
                Bool.self)
        )
        guard gone == 0 else { return }
        throw present ? CaseworkError.preconditionFailed : .notFound
    }

    private static let audited: SQL =
        "jsonb_build_object('subject', subject, 'opening', opening, 'closing', closing)"
}

extension Permission {
    /// What belongs to the institution as a whole: whoever the route lets in.
    public static let institution = Permission("select")
}
