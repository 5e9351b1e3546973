import Postgres

/// What a mail is about.
public enum MailKind: String, Sendable, Hashable, CaseIterable, JSONEncodable {
    /// A student's milestones that are due soon.
    case reminder
    /// What waits for an answer of somebody who works here.
    case request
}

extension MailKind {
    /// The gaps that the institution's own texts may have.
    public var gaps: [TemplateText.Gap] {
        switch self {
        case .reminder: [.name, .institution, .count, .title, .date]
        case .request: [.name, .institution, .count, .title, .student]
        }
    }

    /// The table of the institution's own texts.
    var templates: SQL {
        switch self {
        case .reminder: "mail_templates"
        case .request: "request_templates"
        }
    }

    /// What the audit calls the texts.
    var subject: String {
        switch self {
        case .reminder: "template"
        case .request: "request-template"
        }
    }
}
