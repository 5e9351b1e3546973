/// Every route of `/api/v1`, by feature.
public enum API {
    /// The server's table.
    public static let routes: [Route] =
        SessionAPI.routes + AccountAPI.routes + InvitationAPI.routes + TokenAPI.routes
        + CategoryAPI.routes + CohortAPI.routes + EnrollmentAPI.routes + ImportAPI.routes
}
