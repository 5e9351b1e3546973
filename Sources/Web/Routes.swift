import Hummingbird

/// Every route of `/api/v1`, by feature.
public enum API {
    /// The server's table.
    public static let routes: [Route] =
        SessionAPI.routes + AuthenticatorAPI.routes + OwnSessionAPI.routes + RecordAPI.routes + ResetAPI.routes
        + AccountAPI.routes
        + InvitationAPI.routes + TokenAPI.routes
        + SettingsAPI.routes + IdentityProviderAPI.routes + SetupAPI.routes + DepartmentAPI.routes + GroupAPI.routes
        + CardAPI.routes
        + DirectoryAPI.routes + SupportGroupAPI.routes
        + CategoryAPI.routes + CohortAPI.routes + EnrollmentAPI.routes + ImportAPI.routes + ColumnAPI.routes
        + RosterAPI.routes
        + MilestoneAPI.routes + FileAPI.routes + DashboardAPI.routes + ProgressAPI.routes + SubmissionAPI.routes
        + ExtensionAPI.routes + OverviewAPI.routes + StudentAPI.routes + InboxAPI.routes + MailAPI.routes
        + MailTemplateAPI.routes + SCIMRulesAPI.routes + RosterSourceAPI.routes + FolderAPI.routes + AuditAPI.routes
        + CopyAPI.routes
        + CalendarAPI.routes
        + ReportAPI.routes + MailedReportAPI.routes
}

extension API {
    /// Every route of `/scim/v2`, which RFC 7644 describes.
    public static let scim: [Route] = SCIMDiscovery.routes + SCIMUserAPI.routes + SCIMGroupAPI.routes
}

/// Every page, by feature.
enum Pages {
    static let routes: [PageRoute] = [
        SessionPages.routes, ResetPages.routes, OwnAccountPages.routes, AuthenticatorPages.routes, RecordPages.routes,
        SetupPages.routes,
        SettingsPages.routes,
        BrandingPages.routes, RetentionPages.routes, IdentityProviderPages.routes, ProviderSignInPages.routes,
        BrandFiles.routes, CategoryPages.routes, CohortPages.routes, EnrollmentPages.routes, MilestonePages.routes,
        FilePages.routes, SupportGroupPages.routes, ImportPages.routes, UploadPages.routes, RosterPages.routes,
        RosterSourcePages.routes, FolderPages.routes,
        SCIMPages.routes,
        DashboardPages.routes,
        PreviewPages.routes,
        ProgressPages.routes, SubmissionPages.routes, UndoPages.routes, ExtensionPages.routes, InboxPages.routes,
        OverviewPages.routes, StudentListPages.routes, StudentPages.routes,
        DirectoryPages.routes, AccountPages.routes, InvitationPages.routes, GroupPages.routes, GroupMemberPages.routes,
        DepartmentPages.routes,
        CardPages.routes, MailPages.routes, MailTemplatePages.routes, TokenPages.routes, AuditPages.routes,
        ReportPages.routes, MailedReportPages.routes, FindPages.routes, CopyPages.routes, SharePages.routes,
        CalendarFiles.routes,
    ].flatMap { $0 }
}

extension WebServer {
    /// - Parameters:
    ///   - site: what requests may use.
    ///   - onRunning: called with the port once it listens.
    /// - Throws: `TLS.Refusal` where the certificate cannot be used, or where the texts of the pages cannot be read.
    public init(
        site: Site, configuration: Configuration, onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws {
        try self.init(
            site: site, configuration: configuration, router: Self.router(site: site, kit: try PageKit()),
            onRunning: onRunning)
    }

    /// Health, the API and its document, the pages: everything this server answers.
    package static func router(site: Site, kit: PageKit) -> Router<SiteContext> {
        let router = Router(context: SiteContext.self)
        let pages = PageDispatch(site: site, kit: kit)
        router.add(middleware: UnknownAddress(pages: pages))
        Dispatch(site: site).mount(API.routes, on: router, below: "/api/v1")
        Dispatch(site: site, isSCIM: true).mount(API.scim, on: router, below: "/scim/v2")
        pages.mount(Pages.routes, on: router)
        router.look("/healthz") { _, _ in Response.text("ok") }
        router.look("/readyz") { [readiness = site.readiness] _, _ in try await readiness.answer() }
        return router
    }
}
