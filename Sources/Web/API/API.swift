/// Every route of `/api/v1`, by feature.
public enum API {
    /// The server's table.
    public static let routes: [Route] =
        SessionAPI.routes + AccountAPI.routes + InvitationAPI.routes + TokenAPI.routes
        + SettingsAPI.routes + SetupAPI.routes + DepartmentAPI.routes + GroupAPI.routes + CardAPI.routes
        + DirectoryAPI.routes + SupportGroupAPI.routes
        + CategoryAPI.routes + CohortAPI.routes + EnrollmentAPI.routes + ImportAPI.routes
        + MilestoneAPI.routes + FileAPI.routes + DashboardAPI.routes + ProgressAPI.routes + StudentAPI.routes
        + AuditAPI.routes
}
