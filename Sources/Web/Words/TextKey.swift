import Casework

/// The name of a text in `text.<language>.json` of a feature. Pages ask for texts by such keys only, so that a misspelt one
/// does not compile.
protocol TextKey: RawRepresentable<String>, CaseIterable, Sendable {
    /// The folder below `Texts` whose files hold the texts.
    static var feature: String { get }
}

extension Catalogue {
    /// The keys of every feature. A test walks them: each has a text in each language, and no text is without a key.
    static let vocabulary: [any TextKey.Type] = [
        AccountText.self, AuditText.self, CalendarText.self, CardText.self, CohortText.self, CopyText.self,
        DashboardText.self, DepartmentText.self, DoneText.self, ErrorText.self, ExtensionText.self, FieldText.self,
        FolderText.self, GroupText.self, IdentityText.self,
        ImportText.self, InboxText.self, MailText.self, MenuText.self, PersonText.self, ProgressText.self,
        ReportText.self, ReportTitle.self, ReportNote.self, ReportColumn.self, RosterSourceText.self, SCIMText.self,
        SessionText.self,
        SettingsText.self,
        BrandingText.self, RetentionText.self, ErasureText.self, SetupText.self, ShellText.self, StudentText.self,
        TokenText.self, Refusal.Code.self,
        Refusal.Term.self, Blocker.Code.self,
    ]
}
